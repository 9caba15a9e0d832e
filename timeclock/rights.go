package timeclock

// Role is what a member of a company is there.
type Role string

// The roles, strongest first.
const (
	Owner   Role = "owner"
	Admin   Role = "admin"
	HR      Role = "hr"
	Manager Role = "manager"
	Lead    Role = "lead"
	Member  Role = "employee"
)

// Action is something a member may do to the company's data.
type Action string

// The actions of the model level: may this role do it at all?
const (
	ReadBoard       Action = "board.read"
	AddPunch        Action = "punch.add"
	EditPunch       Action = "punch.edit"
	DecidePunch     Action = "punch.decide"
	WriteEmployee   Action = "employee.write"
	WriteDepartment Action = "department.write"
	WriteSite       Action = "site.write"
	WriteCredential Action = "credential.write"
	ReopenPIN       Action = "pin.reopen"
	WriteConsent    Action = "consent.write"
	WriteSetting    Action = "setting.write"
	WriteMembership Action = "membership.write"
	WriteCompanyKey Action = "company_key.write"
	ResolveConflict Action = "sync.override"
)

// Actions lists every action, so that a matrix test leaves none out.
func Actions() []Action {
	return []Action{ReadBoard, AddPunch, EditPunch, DecidePunch, WriteEmployee, WriteDepartment, WriteSite,
		WriteCredential, ReopenPIN, WriteConsent, WriteSetting, WriteMembership, WriteCompanyKey,
		ResolveConflict}
}

// Roles lists every role.
func Roles() []Role { return []Role{Owner, Admin, HR, Manager, Lead, Member} }

// rights is the one table. A role that is not listed for an action may not do it.
var rights = map[Action][]Role{
	ReadBoard:       {Owner, Admin, HR, Manager, Lead},
	AddPunch:        {Owner, Admin, HR, Manager},
	EditPunch:       {Owner, Admin, HR, Manager},
	DecidePunch:     {Owner, HR, Manager, Lead},
	WriteEmployee:   {Owner, Admin, HR},
	WriteDepartment: {Owner, Admin, HR},
	WriteSite:       {Owner, Admin},
	WriteCredential: {Owner, Admin, HR},
	ReopenPIN:       {Owner, Admin, HR, Manager, Lead},
	WriteConsent:    {Owner, Admin, HR},
	WriteSetting:    {Owner, Admin},
	WriteMembership: {Owner, Admin},
	WriteCompanyKey: {Owner, Admin},
	ResolveConflict: {Owner, Admin, HR, Manager},
}

// May reports whether a member of that role may do the action in the own
// company. Whether the object is of the same company is checked before.
func May(role Role, action Action) bool {
	for _, r := range rights[action] {
		if r == role {
			return true
		}
	}
	return false
}

// Package desktop is the supervisor's program without its windows: what stands
// in the inbox, who is in, what a punch has been through, and what happens when
// somebody approves, rejects, corrects or withdraws one. Package
// desktop/screens draws it.
//
// A [Desk] holds a copy of what this PC's replica knows, made by [Desk.Refresh].
// The views ([Desk.Inbox], [Desk.Board], [Desk.People], [Desk.Devices],
// [Desk.Details]) are answered from that copy and never wait; the actions
// ([Desk.Approve] and its neighbours, [Desk.Undo]) write to the replica through
// the person who is signed in and then take the changed punches over. All
// methods may be called from several goroutines.
//
// Everything a view holds is in words of the desk's language, with times in the
// time zone of the site where the punch was made.
package desktop

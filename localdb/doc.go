// Package localdb is the replica of a kiosk or desktop: one SQLite file in the
// data folder that holds the company's rows this device may see, and the
// device's own operations, which are at the same time its outbox.
//
// [Open] gives a [DB]. What a person does is one method call and one durable
// transaction that changes the row and appends the op to the device's hash
// chain: [DB.RecordPunch], [DB.EditPunch], [DB.DecidePunch], [DB.Put]. Success is
// only reported after that commit has reached the disk. What acts in a person's
// name needs an [Actor], an opened grant: see [DB.OpenSignIn].
//
// The sync loop takes operations from [DB.Outbox], brings their answers to
// [DB.ApplyPush] and the cloud's rows to [DB.ApplyPage]. A row made here has
// sequence 0 until the cloud's row replaces it. A row that still has unanswered
// operations is never overwritten: what the cloud sends meanwhile waits in the
// table held.
//
// Several programs may work on one folder at the same time (the command line
// beside a running kiosk): n and hash of an op are allotted inside the write
// transaction, and [DB.Changes] tells of commits of the other program. [Lock]
// keeps a second kiosk or desktop away. The private keys are in package vault.
package localdb

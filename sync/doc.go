// Package sync is the device's side of the sync protocol: a signing HTTP
// [Client] and the [Replicator], which carries the replica's own ops to the
// cloud and the company's rows back. Files that also need the standard library's
// sync import this one as punchsync.
//
// # What is promised
//
// The replica's op log is the outbox. An op leaves it only when the cloud has
// given it a final status, and that status is written in the same transaction as
// what follows from it. So each loss has one answer:
//
//   - the request is lost, or the device dies before it is sent: it is sent again;
//   - the answer is lost: the same ops are sent again under the same n, and the
//     cloud answers from its log without applying them twice;
//   - the answer makes no sense (a captive portal's page, another company's cloud,
//     results for ops that were not sent): nothing is marked as answered;
//   - the device dies while an answer is written: the transaction was not
//     committed, so the op is sent again;
//   - a page of rows is applied together with its cursor, or not at all.
//
// The cloud's time is measured with the round trips of /v1/time and kept as an
// offset to the device's own clock; requests are stamped with it.
package sync

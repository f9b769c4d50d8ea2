// Package jobs is what happens without anybody asking: by the clock, and after somebody
// acted. It is a queue on River (riverqueue.com) in the product's own database.
//
// The truth is in the store: what is due, what is to be sent, what was sent. A job only
// names a row of it, may come twice, and may be lost: what was left is found by the next
// sweep. So jobs are inserted after the commit, and never in the store's transaction.
//
//	tick    every minute: does what is due by the clock
//	relay   after every tick and every nudge: expands the outbox into deliveries
//	deliver one delivery, until it is done, given up, or was tried Attempts times
//
// Of tick and relay there is one at a time among all replicas, and of deliver one a
// delivery; after a crash the same one runs again, within minutes.
package jobs

#include "record/record_i.h"

static const char *const TABLES[] = {
	"CREATE TABLE record(id BLOB PRIMARY KEY, type TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, unit TEXT NOT NULL, parent BLOB,"
	" subject BLOB, handle BLOB, version INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, event INTEGER, open TEXT NOT NULL) STRICT",
	"CREATE INDEX record_type ON record(type, unit, state, id)",
	"CREATE INDEX record_parent ON record(parent, type, id)",
	"CREATE INDEX record_subject ON record(subject)",
	"CREATE TABLE record_version(record BLOB NOT NULL, version INTEGER NOT NULL, digest BLOB NOT NULL, role TEXT NOT NULL, account BLOB, act TEXT NOT NULL,"
	" move TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, event INTEGER, PRIMARY KEY(record, version)) STRICT, WITHOUT ROWID",
	"CREATE TABLE body(record BLOB NOT NULL, class TEXT NOT NULL, version INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY(record, class, version)) STRICT",
	"CREATE TABLE subject_key(handle BLOB PRIMARY KEY, wrapped BLOB NOT NULL) STRICT",
	"CREATE TABLE record_ref(record BLOB NOT NULL, field TEXT NOT NULL, target BLOB NOT NULL, PRIMARY KEY(record, field, target)) STRICT, WITHOUT ROWID",
	"CREATE INDEX record_ref_target ON record_ref(target, field)",
	"CREATE TABLE proposal(id BLOB PRIMARY KEY, record BLOB NOT NULL, version INTEGER NOT NULL, digest BLOB NOT NULL, move TEXT NOT NULL, role TEXT NOT NULL,"
	" account BLOB NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, wrapped BLOB NOT NULL, sealed BLOB NOT NULL) STRICT",
	"ALTER TABLE proposal ADD COLUMN wants TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE proposal ADD COLUMN node TEXT NOT NULL DEFAULT ''",
	"ALTER TABLE proposal ADD COLUMN way INTEGER NOT NULL DEFAULT 0",
	"CREATE INDEX proposal_record ON proposal(record)",
	"CREATE TABLE proposal_answer(record BLOB PRIMARY KEY, move TEXT NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL) STRICT",
	/* copies: who holds one and what it was last sent; what is still to be sent */
	"CREATE TABLE record_share(record BLOB NOT NULL, node TEXT NOT NULL, sent INTEGER NOT NULL, digest BLOB, PRIMARY KEY(record, node)) STRICT, WITHOUT ROWID",
	"CREATE TABLE record_due(node TEXT NOT NULL, record BLOB NOT NULL, rank INTEGER NOT NULL, handover INTEGER NOT NULL, PRIMARY KEY(node, record)) STRICT, WITHOUT ROWID",
	"ALTER TABLE proposal ADD COLUMN told INTEGER NOT NULL DEFAULT 0",
	"CREATE TABLE decision_due(id BLOB PRIMARY KEY, node TEXT NOT NULL, body TEXT NOT NULL) STRICT",
	"CREATE TABLE proposal_unit(record BLOB PRIMARY KEY, unit TEXT NOT NULL) STRICT",       /* who asked for a record that a partner will hand over */
	"CREATE INDEX record_owner ON record(type, owner)",
	"CREATE TABLE rotation(one INTEGER PRIMARY KEY CHECK(one=1), began INTEGER NOT NULL, finished INTEGER NOT NULL, phase TEXT NOT NULL, place INTEGER NOT NULL,"
	" last BLOB NOT NULL) STRICT",
	"CREATE TABLE erasure(id INTEGER PRIMARY KEY, done INTEGER NOT NULL, final INTEGER, wrap INTEGER NOT NULL, type TEXT NOT NULL, rule TEXT NOT NULL,"
	" records INTEGER NOT NULL) STRICT",
	"CREATE TABLE retention_pass(one INTEGER PRIMARY KEY CHECK(one=1), began INTEGER NOT NULL, running INTEGER NOT NULL, last BLOB NOT NULL) STRICT",
	"CREATE TABLE subject_salt(handle BLOB NOT NULL, n INTEGER NOT NULL, sealed BLOB NOT NULL, PRIMARY KEY(handle, n)) STRICT, WITHOUT ROWID",
	"CREATE TABLE record_gone(record BLOB NOT NULL, node TEXT NOT NULL, PRIMARY KEY(record, node)) STRICT, WITHOUT ROWID",     /* erased by its owner before the copy came */
	"CREATE INDEX record_unit ON record(type, unit, id)",
	"ALTER TABLE record_share ADD COLUMN vital INTEGER NOT NULL DEFAULT 0",      /* this holder gets it as vital interest, where no agreement covers it */
	"CREATE TABLE record_clock(record BLOB PRIMARY KEY, next INTEGER NOT NULL) STRICT",      /* clock.c: when it is to be looked at */
	"CREATE INDEX record_clock_next ON record_clock(next)",
	"CREATE TABLE record_late(record BLOB NOT NULL, move TEXT NOT NULL, since INTEGER NOT NULL, due INTEGER NOT NULL, stage INTEGER NOT NULL, PRIMARY KEY(record, move)) STRICT,"
	" WITHOUT ROWID",
	"CREATE INDEX record_late_due ON record_late(due) WHERE stage>0",
	"CREATE TABLE record_number(record BLOB PRIMARY KEY, type TEXT NOT NULL, number TEXT NOT NULL) STRICT",      /* number.c */
	"CREATE INDEX record_number_find ON record_number(type, number)",
	"CREATE TABLE record_once(record BLOB PRIMARY KEY, type TEXT NOT NULL, value BLOB NOT NULL, UNIQUE(type, value)) STRICT",
	"CREATE TABLE number_next(type TEXT NOT NULL, scope TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(type, scope)) STRICT, WITHOUT ROWID",
	/* a yes that was read out: given here (number), and taken here (proposal) until the other node has confirmed it */
	"CREATE TABLE spoken_given(node TEXT NOT NULL, number TEXT NOT NULL, move TEXT NOT NULL, role TEXT NOT NULL, account BLOB NOT NULL, at INTEGER NOT NULL,"
	" PRIMARY KEY(node, number, move)) STRICT, WITHOUT ROWID",
	"CREATE TABLE spoken_taken(proposal BLOB PRIMARY KEY, record BLOB NOT NULL, move TEXT NOT NULL, node TEXT NOT NULL, at INTEGER NOT NULL, confirmed INTEGER,"
	" denied INTEGER NOT NULL) STRICT, WITHOUT ROWID",
	"CREATE INDEX spoken_taken_record ON spoken_taken(record)",
	"ALTER TABLE proposal ADD COLUMN wrong INTEGER NOT NULL DEFAULT 0",      /* codes that were tried */
	"CREATE TABLE type_digest(n INTEGER PRIMARY KEY, type TEXT NOT NULL, digest BLOB NOT NULL, since INTEGER NOT NULL, UNIQUE(type, digest)) STRICT",      /* changed.c */
	/* received.c: what came from a partner, under which agreement (empty: none), when its content came last, for how many days (-1: no limit) */
	"CREATE TABLE record_received(record BLOB PRIMARY KEY, node TEXT NOT NULL, purpose TEXT NOT NULL, agreement BLOB NOT NULL, arrived INTEGER NOT NULL, days INTEGER NOT NULL)"
	" STRICT, WITHOUT ROWID",
	"ALTER TABLE record_received ADD COLUMN shortened BLOB",      /* the agreement whose days these are, where it is a newer one */
	"ALTER TABLE record_gone ADD COLUMN parent BLOB",      /* of a row: what it belonged to */
	"CREATE INDEX record_gone_parent ON record_gone(parent) WHERE parent IS NOT NULL",
	/* back.c: when this database was put back; what partners hold of ours that is newer (follows: not changed here since; wanted: two persons asked for it) */
	"CREATE TABLE record_restored(one INTEGER PRIMARY KEY CHECK(one=1), at INTEGER NOT NULL) STRICT",
	"CREATE TABLE record_back(record BLOB NOT NULL, node TEXT NOT NULL, version INTEGER NOT NULL, digest BLOB NOT NULL, follows INTEGER NOT NULL, wanted INTEGER NOT NULL,"
	" PRIMARY KEY(record, node)) STRICT, WITHOUT ROWID",
	"CREATE TABLE custody(purpose TEXT PRIMARY KEY, holder TEXT NOT NULL, before TEXT NOT NULL, order_no TEXT NOT NULL, since INTEGER NOT NULL, sealed INTEGER NOT NULL) STRICT",
	"CREATE TABLE custody_wait(id BLOB PRIMARY KEY, by BLOB NOT NULL, purpose TEXT NOT NULL, holder TEXT NOT NULL, order_no TEXT NOT NULL, role TEXT NOT NULL, at INTEGER NOT NULL)"
	" STRICT",
	"CREATE TABLE record_opening(id BLOB PRIMARY KEY, record BLOB NOT NULL, type TEXT NOT NULL, reason TEXT NOT NULL, by BLOB NOT NULL, role TEXT NOT NULL, agreed_by BLOB,"
	" at INTEGER NOT NULL, until INTEGER NOT NULL) STRICT",      /* opening.c */
	"CREATE INDEX record_opening_of ON record_opening(record, until)",
	/* back.c: when a partner took the first message of the new line; what was offered to one that was restored and not sent yet; of which type an offer is */
	"CREATE TABLE record_back_window(node TEXT PRIMARY KEY, opened INTEGER NOT NULL) STRICT, WITHOUT ROWID",
	"CREATE TABLE record_offered(record BLOB NOT NULL, node TEXT NOT NULL, PRIMARY KEY(record, node)) STRICT, WITHOUT ROWID",
	"DELETE FROM record_back",                         /* they come again with the next acceptance; what was kept did not say what it is */
	"ALTER TABLE record_back ADD COLUMN type TEXT NOT NULL DEFAULT ''",
};
const struct migrations RECORD_MIGRATIONS = { "record", TABLES, COUNT(TABLES) };

/* The line between two nodes (docs/exchange.md), small enough to be looked through whole: one sends, one receives; the other direction is the same again.

   Three messages: 0 shares record X, 1 is a newer version of it that is held until 0 is there, 2 recalls X. An envelope is a row of env[] (its digest is the row); a
   call is a set of envelopes. What a process does in one d_step is one tick: all of it is on disk or none. Between ticks both may lose power, a call or its answer may
   be lost, come late behind a younger one, or come twice; a stick carries what is due and is read never, once or twice. How often each of this happens is a budget,
   set by -D for each run (see `run` beside this): when it is spent the line holds, and all must arrive.

   Two persons who accept a restored partner or release a fork are the process People. A MUT_ switch takes one rule out of the protocol; `run` shows that each is
   missed. */
#ifndef LOSSES
#define LOSSES 0        /* calls or answers that never arrive */
#endif
#ifndef REPEATS
#define REPEATS 0       /* calls that arrive twice */
#endif
#ifndef LATE
#define LATE 0          /* calls that the sender gives up while they are still under way */
#endif
#ifndef CRASHES
#define CRASHES 0       /* of either side, between any two steps */
#endif
#ifndef STICKS
#define STICKS 0        /* sticks written; each may be read twice */
#endif
#ifndef RESTORES
#define RESTORES 0      /* of the sender, by `jisr restore`: the epoch is raised */
#endif
#ifndef CLONES
#define CLONES 0        /* the sender's folder put back by hand: same epoch, older numbers */
#endif
/* -DSTALE: after an older disk the office still writes about a record that it does not know any more */
#ifndef R_RESTORES
#define R_RESTORES 0    /* of the receiver, by `jisr restore` */
#endif

#define MSGS 3
#define ENVS 9
#define BIT(d) (1 << (d))
/* state of a message at the sender */
#define NONE 0
#define QUEUED 1
#define SENT 2
#define DELIVERED 3
#define LOST 4          /* was written after the backup that was put back: the office knows nothing of it any more */
/* verdict at the receiver */
#define UNKNOWN 0
#define HELD 1
#define APPLIED 2

typedef Env { byte id; byte seq; byte epoch; byte prev };
typedef Sender_disk { byte st[MSGS]; byte env[MSGS]; byte seq; byte prev; byte epoch; byte log; byte head };
typedef Receiver_disk { byte verdict[MSGS]; byte env[MSGS]; byte applied[MSGS]; bit entry[MSGS]; bit placed[MSGS]; byte epoch_in; byte epoch_seen; bit fork; bit open;
	bit erased; byte log; byte size };
typedef Answer { bit there; short done; byte log; byte size };

Env env[ENVS];
byte envs = 0;
Sender_disk s, s_backup;
Receiver_disk r, r_backup;
bit calling = 0;             /* the sender's memory: gone with its power */
bit busy = 0;                /* the receiver is at work on a call */
bit s_kept = 0, r_kept = 0;  /* a backup was made */
byte written = 0;            /* acts of the sender's office so far */
byte s_log_seen = 0;         /* epoch of the receiver's log that an answer came from */
byte epochs = 0;             /* highest epoch of the sender, ever */
short under_way[2];          /* calls on the line; two, so that one may be overtaken */
Answer answer, stick_back;
short stick = 0;
byte stick_reads = 0;
/* what no node knows, for the claims only */
short proven = 0;            /* envelopes whose entry as applied was ever on the receiver's disk */
bit cloned = 0, r_restored = 0, s_restored = 0;
byte losses = LOSSES, repeats = REPEATS, late = LATE, crashes = CRASHES, sticks = STICKS, restores = RESTORES, clones = CLONES, r_restores = R_RESTORES;
byte i, d, m, x;             /* of d_steps: zero between them */
bit bad, down;

inline clear() { i = 0; d = 0; m = 0; x = 0; bad = 0; down = 0 }

inline forget(a)
{
	a.there = 0; a.done = 0; a.log = 0; a.size = 0
}

/* ---- the sender ---- */
#define DUE(k) (s.st[k] == QUEUED || s.st[k] == SENT)
#define ANY_DUE (DUE(0) || DUE(1) || DUE(2))

/* Gives message m its place, once: seq and prev never change. The same text has the same digest, whoever signs it again. */
inline sign()
{
	if
	:: s.env[m] == 0 ->
		s.seq++;
		d = 1;
		do
		:: d <= envs && !(env[d].id == m && env[d].seq == s.seq && env[d].epoch == s.epoch && env[d].prev == s.prev) -> d++
		:: else -> break
		od;
		if
		:: d > envs -> envs = d; env[d].id = m; env[d].seq = s.seq; env[d].epoch = s.epoch; env[d].prev = s.prev
		:: else
		fi;
		s.env[m] = d;
		s.prev = d
	:: else
	fi;
	s.st[m] = SENT
}

inline due_into(place)
{
	m = 0;
	do
	:: m < MSGS ->
		if
		:: DUE(m) -> sign(); place = place | BIT(s.env[m])
		:: else
		fi;
		m++
	:: else -> break
	od;
	clear()
}

/* An answer: from the log that was accepted, not shorter than it was; else it is as good as none. */
inline read_answer(a)
{
	if
	:: a.log > s.log -> s_log_seen = a.log
	:: a.log == s.log && a.size >= s.head ->
		s.head = a.size;
		m = 0;
		do
		:: m < MSGS ->
			if
			:: s.st[m] == SENT && (a.done & BIT(s.env[m])) ->
				s.st[m] = DELIVERED;
				assert(proven & BIT(s.env[m]))      /* also where the receiver was restored since: the entry was there, and can be shown */
			:: else
			fi;
			m++
		:: else -> break
		od
	:: else
	fi;
	forget(a);
	clear()
}

/* An older disk: later acts are forgotten by the office. */
inline put_back()
{
	s.seq = s_backup.seq; s.prev = s_backup.prev; s.epoch = s_backup.epoch; s.head = s_backup.head; s.log = s_backup.log;
	m = 0;
	do
	:: m < MSGS -> s.env[m] = s_backup.env[m]; s.st[m] = ((s_backup.st[m] == NONE && m < written) -> LOST : s_backup.st[m]); m++
	:: else -> break
	od;
	calling = 0;
	clear()
}

/* jisr restore: the next epoch, numbers from 1; what was not delivered gets new places under its old id. */
inline restore()
{
	put_back();
	epochs++;
#ifndef MUT_NO_EPOCH
	s.epoch = epochs;
#endif
	s.seq = 0; s.prev = 0;
	do
	:: m < MSGS ->
		if
		:: DUE(m) -> s.st[m] = QUEUED; s.env[m] = 0
		:: else
		fi;
		m++
	:: else -> break
	od;
	s_restored = 1;
	clear()
}


inline keep_sender()
{
	s_kept = 1;
	s_backup.seq = s.seq; s_backup.prev = s.prev; s_backup.epoch = s.epoch; s_backup.head = s.head; s_backup.log = s.log;
	do
	:: m < MSGS -> s_backup.st[m] = s.st[m]; s_backup.env[m] = s.env[m]; m++
	:: else -> break
	od;
	clear()
}

active proctype Sender()
{
	do
#ifdef STALE
	:: d_step { written < MSGS -> s.st[written] = QUEUED; written++ }
#else
	:: d_step { written < MSGS -> s.st[written] = (s.st[0] == LOST -> LOST : QUEUED); written++ }     /* nobody changes or recalls a record that the office lost */
#endif
	:: d_step { !calling && ANY_DUE && under_way[0] == 0 -> due_into(under_way[0]); calling = 1 }
	:: d_step { !calling && ANY_DUE && under_way[0] != 0 && under_way[1] == 0 -> due_into(under_way[1]); calling = 1 }
	:: d_step { answer.there -> read_answer(answer); calling = 0 }
	:: d_step { stick_back.there -> read_answer(stick_back) }
	:: d_step { calling && under_way[0] == 0 && under_way[1] == 0 && !answer.there && !busy ->      /* no answer will come: they go again */
		calling = 0;
#ifdef MUT_NO_RETRY
		do
		:: m < MSGS -> s.st[m] = (s.st[m] == SENT -> LOST : s.st[m]); m++
		:: else -> break
		od;
#endif
		clear() }
	:: d_step { sticks > 0 && stick_reads == 0 && ANY_DUE -> sticks--; stick = 0; due_into(stick); stick_reads = 2 }
#if LATE
	:: d_step { calling && late > 0 -> late--; calling = 0 }
#endif
#if CRASHES
	:: d_step { crashes > 0 && calling -> crashes--; calling = 0; forget(answer) }      /* only what is in memory is lost */
#endif
#if RESTORES + CLONES
	:: d_step { restores + clones > 0 && !s_kept -> keep_sender() }
	:: d_step { restores > 0 && s_kept -> restores--; restore() }
	:: d_step { clones > 0 && s_kept -> clones--; put_back(); cloned = 1 }
#endif
	od
}

/* ---- the receiver ---- */

/* Two lines where there should be one: another id at this place, or a neighbour that names another. */
inline look_for_fork()
{
	bad = (env[d].seq == 1 && env[d].prev != 0);
	x = 0;
	do
	:: x < MSGS ->
		if
		:: r.placed[x] && env[r.env[x]].epoch == env[d].epoch ->
#ifndef MUT_NO_PLACE
			bad = bad || (env[r.env[x]].seq == env[d].seq && x != m);
#endif
#ifndef MUT_NO_PREV
			bad = bad || (env[r.env[x]].seq + 1 == env[d].seq && r.env[x] != env[d].prev);
			bad = bad || (env[r.env[x]].seq == env[d].seq + 1 && env[r.env[x]].prev != d);
#endif
		:: else
		fi;
		x++
	:: else -> break
	od;
	x = 0
}

/* Effect, entry and place of envelope d (message m) with its verdict: one tick. */
inline enter(v)
{
	if
	:: v == APPLIED && m == 0 ->
#ifdef MUT_NO_TOMBSTONE
		r.open = 1
#else
		r.open = !r.erased                    /* an erasure that overtakes its copy wins */
#endif
	:: v == APPLIED && m == 2 -> r.open = 0; r.erased = 1
	:: else
	fi;
	if
	:: v == APPLIED -> r.applied[m]++; r.entry[m] = 1; proven = proven | BIT(d)
	:: else
	fi;
	if
	:: r.verdict[m] != v || r.env[m] != d -> r.size++
	:: else
	fi;
#ifndef MUT_PLACE_AGAIN
	/* a place that people gave up when they released a fork is not taken again by what was held on it */
	r.placed[m] = (r.verdict[m] == UNKNOWN || r.placed[m] || env[d].epoch > env[r.env[m]].epoch);
#else
	r.placed[m] = 1;
#endif
	r.verdict[m] = v; r.env[m] = d
}

inline take()
{
	if
	:: m == 1 && r.verdict[0] != APPLIED -> enter(HELD)
	:: else -> enter(APPLIED)
	fi
}

/* A message that is known: the same verdict again. A restored sender may have given it another place. */
inline again()
{
	if
	:: r.env[m] != d && env[d].epoch <= env[r.env[m]].epoch -> r.size++          /* refused: id */
#ifndef MUT_NO_DEDUP
	:: (r.env[m] == d || env[d].epoch > env[r.env[m]].epoch) && r.verdict[m] == APPLIED ->
		if
		:: r.env[m] != d -> r.env[m] = d; r.placed[m] = 1; r.size++; proven = proven | BIT(d)
		:: else
		fi
#endif
	:: else -> take()
	fi
}

inline one()
{
	m = env[d].id;
	bad = 0;
	if
	:: r.verdict[m] == UNKNOWN && env[d].epoch < r.epoch_in -> r.size++         /* refused: epoch; it has no place */
	:: else ->
		if
		:: env[d].epoch > r.epoch_in ->
			bad = 1;
			r.epoch_seen = (env[d].epoch > r.epoch_seen -> env[d].epoch : r.epoch_seen)
		:: else ->
			look_for_fork();
			bad = bad || r.fork;
			r.fork = bad;
			assert(!bad || cloned)                      /* a restore as it should be is not taken for a fork */
		fi;
		if
		:: bad && !(r.verdict[m] == APPLIED && r.env[m] == d)                  /* held; nothing is kept of its place */
		:: else ->
			if
			:: r.verdict[m] == UNKNOWN -> take()
			:: else -> again()
			fi
		fi
	fi;
	/* what was held for it is tried again */
	if
	:: r.verdict[1] == HELD && r.verdict[0] == APPLIED -> x = d; d = r.env[1]; m = 1; enter(APPLIED); d = x; x = 0; m = env[d].id
	:: else
	fi
}

/* The envelopes of a call in their order or against it: what comes first is not ours to say. */
inline tick(set, a)
{
	i = 1;
	do
	:: i <= envs ->
		d = (down -> envs + 1 - i : i);
		if
		:: set & BIT(d) -> one()
		:: else
		fi;
		i++
	:: else -> break
	od;
	d = 1;
	do
	:: d <= envs ->
		if
		:: (set & BIT(d)) && r.env[env[d].id] == d && r.verdict[env[d].id] == APPLIED -> a.done = a.done | BIT(d)
#ifdef MUT_HELD_IS_DONE
		:: (set & BIT(d)) && !(r.env[env[d].id] == d && r.verdict[env[d].id] == APPLIED) -> a.done = a.done | BIT(d)
#endif
		:: else
		fi;
		d++
	:: else -> break
	od;
	a.log = r.log; a.size = r.size;
	clear()
}

inline keep_receiver()
{
	r_kept = 1;
	r_backup.epoch_in = r.epoch_in; r_backup.epoch_seen = r.epoch_seen; r_backup.fork = r.fork; r_backup.open = r.open; r_backup.size = r.size;
	do
	:: m < MSGS -> r_backup.verdict[m] = r.verdict[m]; r_backup.env[m] = r.env[m]; r_backup.applied[m] = r.applied[m]; r_backup.entry[m] = r.entry[m]; r_backup.placed[m] = r.placed[m]; m++
	:: else -> break
	od;
	clear()
}

/* An older disk with the newest keys: what was erased later is erased again. The log goes on under the next epoch. */
inline restore_receiver()
{
	r.epoch_in = r_backup.epoch_in; r.epoch_seen = r_backup.epoch_seen; r.fork = r_backup.fork; r.size = r_backup.size;
	do
	:: m < MSGS -> r.verdict[m] = r_backup.verdict[m]; r.env[m] = r_backup.env[m]; r.applied[m] = r_backup.applied[m]; r.entry[m] = r_backup.entry[m]; r.placed[m] = r_backup.placed[m]; m++
	:: else -> break
	od;
	r.open = r_backup.open && !r.erased;
	r.log++;
	r_restored = 1;
	clear()
}

active proctype Receiver()
{
	short set = 0;
	bit by_stick = 0;
	Answer mine;
idle:
	do
	:: d_step { under_way[0] != 0 -> set = under_way[0]; under_way[0] = 0; busy = 1 } break
	:: d_step { under_way[1] != 0 -> set = under_way[1]; under_way[1] = 0; busy = 1 } break
	:: d_step { under_way[0] != 0 && repeats > 0 -> repeats--; set = under_way[0]; busy = 1 } break       /* and once more */
	:: d_step { under_way[0] != 0 && losses > 0 -> losses--; under_way[0] = 0 }
	:: d_step { answer.there && losses > 0 -> losses--; forget(answer) }
	:: d_step { stick_reads > 0 -> stick_reads--; set = stick; by_stick = 1; busy = 1 } break
#if R_RESTORES
	:: d_step { r_restores > 0 && !r_kept -> keep_receiver() }
	:: d_step { r_restores > 0 && r_kept -> r_restores--; restore_receiver() }
#endif
	od;
#ifdef MUT_EARLY_ANSWER
	if
	:: d_step { !answer.there -> answer.there = 1; answer.done = set; answer.log = r.log; answer.size = r.size }
	:: answer.there
	fi;
#endif
	if
	:: d_step { crashes > 0 -> crashes--; set = 0; by_stick = 0; busy = 0 } goto idle           /* in the middle of the tick: nothing was done */
	:: d_step { true -> tick(set, mine); set = 0 }
	:: d_step { down = 1; tick(set, mine); set = 0 }
	fi;
	if
	:: d_step { crashes > 0 -> crashes--; forget(mine); by_stick = 0; busy = 0 } goto idle      /* committed, not answered */
	:: d_step { !by_stick && !answer.there -> answer.there = 1; answer.done = mine.done; answer.log = mine.log; answer.size = mine.size; forget(mine); busy = 0 }
	:: d_step { !by_stick && answer.there -> forget(mine); busy = 0 }                           /* nobody waits for this one any more */
	:: d_step { by_stick -> stick_back.there = 1; stick_back.done = mine.done; stick_back.log = mine.log; stick_back.size = mine.size; forget(mine); by_stick = 0; busy = 0 }
	fi;
	goto idle
}

/* Two persons of each office, who look at a line that is held. */
active proctype People()
{
	do
	:: d_step { r.epoch_seen > r.epoch_in -> r.epoch_in = r.epoch_seen }
	:: d_step { r.fork -> r.fork = 0; do :: m < MSGS -> r.placed[m] = 0; m++ :: else -> break od; clear() }
	:: d_step { s_log_seen > s.log -> s.log = s_log_seen; s.head = 0 }
	od
}

/* ---- what is claimed, beside the asserts above ---- */
#define ONCE (r.applied[0] <= 1 && r.applied[1] <= 1 && r.applied[2] <= 1)
#define STAYS_ERASED (!r.erased || !r.open)
/* Two envelopes that contradict each other never both have a place: or the line is held. */
#define BOTH(a, b) (r.placed[a] && r.placed[b] && env[r.env[a]].epoch == env[r.env[b]].epoch)
#define APART(a, b) (!BOTH(a, b) || (env[r.env[a]].seq != env[r.env[b]].seq && \
	(env[r.env[a]].seq + 1 != env[r.env[b]].seq || env[r.env[b]].prev == r.env[a]) && \
	(env[r.env[b]].seq + 1 != env[r.env[a]].seq || env[r.env[a]].prev == r.env[b])))
#define SHOWN(k) (s.st[k] != DELIVERED || r_restored || r.entry[k])
#define NO_MERGE (APART(0, 1) && APART(0, 2) && APART(1, 2))
#define THERE(k) (s.st[k] == LOST || (s.st[k] == DELIVERED && r.verdict[k] == APPLIED))
#define ALL_THERE (written == MSGS && THERE(0) && THERE(1) && THERE(2) && (s.st[2] == LOST || !r.open))
ltl safe { [] (ONCE && STAYS_ERASED && NO_MERGE && SHOWN(0) && SHOWN(1) && SHOWN(2)) }
ltl arrive { <> [] ALL_THERE }

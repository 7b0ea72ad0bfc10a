/*
 * model.pml - a box that is updated, for spin: the machine's own table
 * (table.pml is made of it by dump.c), and by hand, apart from the C code, what
 * the boot record, the firmware and the world do (docs/updates.md).
 *
 * Power goes at any moment, CUTS times; the program is started again, ENDS
 * times; people ask for UPDATES images, each of which may work or not; meetings
 * begin and end.  Asserted: what starts is
 * whole, there is always something to start, nothing is written before the
 * running slot was confirmed in this boot, nor a restart made in a meeting.
 * Always, in the end: a slot that works runs and is confirmed (ltl well), and
 * none that was installed still waits to be tried.
 */
#include "table.pml"

#define CUTS 3
#define UPDATES 2
#define ENDS 1

#define NO 2 /* no slot */

mtype = { half, refused, early, sick, works }; /* images */
mtype = { vacant, trying, good, failed }; /* slots in the record */

mtype image[2], slot[2];
byte boots[2]; /* unconfirmed ones, up to two */
byte first; /* BootOrder */
byte next = NO; /* BootNext: once */
byte running = NO;
byte state, event, cuts, updates, ends;
short actions;
bool is_dropped, is_in_meeting, is_confirmed;

#define other (1 - running)
#define is_startable(s) (slot[s] == good || slot[s] == failed)

#define is_well (running != NO && image[running] == works && is_confirmed)

/* What the firmware can load. */
#define is_loadable(s) (image[s] != refused)

inline tell(e)
{
	event = e;
	if
	:: is_in_meeting && event == E_INSTALLED -> event = E_INSTALLED_BUSY
	:: is_in_meeting && event == E_UNWELL -> event = E_UNWELL_BUSY
	:: is_in_meeting && event == E_ASKED -> event = E_ASKED_BUSY
	:: is_in_meeting && event == E_ACCEPTED -> event = E_ACCEPTED_BUSY
	:: is_in_meeting && event == E_COMMITTED -> event = E_COMMITTED_BUSY
	:: else
	fi;
	is_dropped = false;
	table();
	assert(!is_in_meeting ||
	    (actions & (DO_RESTART | DO_WRITE | DO_CHECK)) == 0);
	assert((actions & DO_WRITE) == 0 || is_confirmed)
}

/* The firmware: once the next one, else the first that it can load. */
inline firmware()
{
	running = (next != NO && is_loadable(next) -> next : first);
	next = NO;
	if
	:: !is_loadable(running) && is_startable(1 - running) ->
		running = 1 - running
	:: else
	fi;
	assert(is_loadable(running) && image[running] != half);
	is_confirmed = false;
	is_in_meeting = false;
	state = S_STARTING
}

/* konklave-boot started: a boot is counted. */
inline started()
{
	if
	:: slot[other] == trying -> slot[other] = vacant; event = E_BOOTED_BACK
	:: slot[running] == trying -> event = E_BOOTED_TRY
	:: else -> event = E_BOOTED
	fi;
	if
	:: boots[running] < 2 -> boots[running]++
	:: else
	fi;
	if
	:: slot[running] != trying && boots[running] == 2 &&
	    is_startable(other) ->
		slot[running] = failed;
		boots[other] = 0;
		first = other
	:: else
	fi
}

/* The same boot, and a program that knows nothing any more. */
inline again()
{
	state = S_STARTING;
	if
	:: slot[running] == trying -> tell(E_BOOTED_TRY)
	:: slot[running] != trying && slot[other] == trying ->
		tell(E_INSTALLED)
	:: else -> tell(E_BOOTED)
	fi;
	if
	:: state == S_UNCONFIRMED && is_confirmed -> tell(E_HEALTHY)
	:: else
	fi
}

inline confirm()
{
	if
	:: slot[running] != good -> first = running
	:: else
	fi;
	slot[running] = good;
	boots[running] = 0;
	is_confirmed = true
}

/* In each state: what is under way comes to its end. */
inline work()
{
	if
	:: (state == S_UNCONFIRMED || state == S_TRYING || state == S_SICK) &&
	    image[running] == works -> tell(E_HEALTHY)
	:: (state == S_UNCONFIRMED || state == S_TRYING) &&
	    image[running] != works -> tell(E_UNWELL)
	:: state == S_CONFIRMING -> confirm(); tell(E_CONFIRMED)
	:: state == S_CHECKING -> tell(E_ACCEPTED)
	:: state == S_CHECKING -> tell(E_REFUSED)
	:: state == S_WRITING ->
		/* Two moments: the slot is called bad, then written. */
		if
		:: slot[other] != vacant ->
			slot[other] = vacant; boots[other] = 0; first = running
		:: slot[other] == vacant && image[other] != half ->
			image[other] = half
		:: slot[other] == vacant && image[other] == half ->
			if
			:: image[other] = works
			:: image[other] = sick
			:: image[other] = early
			:: image[other] = refused
			fi;
			tell(E_WRITTEN)
		:: slot[other] == vacant -> tell(E_WRITE_FAILED)
		fi
	:: state == S_COMMITTING ->
		slot[other] = trying; boots[other] = 0; next = other;
		tell(E_COMMITTED)
	:: state == S_COMMITTING -> tell(E_COMMIT_FAILED)
	fi
}

inline people()
{
	if
	:: updates < UPDATES && state == S_IDLE ->
		updates++; tell(E_ASKED)
	:: state == S_CHECKING || state == S_WRITING -> tell(E_CANCELLED)
	:: state == S_WAITING ->
		tell(E_CANCELLED);
		slot[other] = vacant; next = NO /* DO_TAKE_BACK */
	:: !is_in_meeting && updates < UPDATES && running != NO &&
	    state != S_STARTING ->
		updates++; /* bounded like them */
		is_in_meeting = true; tell(E_MEETING)
	fi
}

active proctype box()
{
	image[0] = works; image[1] = half;
	slot[0] = good; slot[1] = vacant;
off:
	atomic { firmware() }
	/* It may be gone before it counts. */
	if
	:: image[running] == early -> goto off
	:: image[running] != early
	fi;
	atomic { started(); tell(event) }
on:
	do
	:: atomic { work() }
	:: atomic { people() }
	:: atomic { is_in_meeting -> is_in_meeting = false; tell(E_FREE) }
	:: atomic { state == S_RESTARTING || state == S_RETURNING -> goto off }
	:: atomic { cuts < CUTS -> cuts++; goto off }
	:: atomic { ends < ENDS -> ends++; again() }
	/* A slot that was good and is not well: somebody starts it anew. */
	:: atomic { state == S_UNCONFIRMED && image[running] != works ->
		goto off }
	/* Nobody wants anything any more, and nothing is under way. */
	:: timeout -> assert(is_well && slot[other] != trying); break
	od
}

ltl well { []<> is_well }

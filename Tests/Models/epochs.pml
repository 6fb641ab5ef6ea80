/* The order in which the daemon changes the store and moves epochs, and in which caches use them: the promise that
 * PROTOCOL.md ("The epoch page") makes, as a model in Promela. Spin takes the steps of all processes below in every
 * order there is, and looks in each state that it can reach for a broken promise.
 *
 * To read it: `proctype` is a process. `A -> B` and `A; B` both do A, then B; a condition that stands alone waits until it
 * holds. `if` takes one of the `::` branches whose first step is possible, `do` goes on doing so: where several are
 * possible, Spin tries all of them. Other processes step in between any two steps, but not within `atomic` and
 * `d_step`. `{ A } unless { B }` leaves A, wherever it is, for B as soon as B is possible: so the daemon is killed
 * between any two of its steps. An `inline` is a piece of text that has a name.
 *
 * What is modelled: two tokens, each in a shard of its own, and one change that ends both, as the removal of their owner
 * does. (To revoke a token is the same where nobody asks for the other.) A client with a cache, and one without; the
 * daemon's loop with its own; the page, which can be lost and replaced; a daemon that is killed, stops, and starts again;
 * a command that makes the change while no daemon runs.
 * What is not: the order in which a processor makes loads and stores seen, which is the business of
 * Sources/CLinux/include/epochs.h.
 *
 * run.sh defines how often what happens, and knows the names that build in a mistake: each of them breaks the promise.
 */

/* How often each misfortune can strike. */
#ifndef KILLS
#define KILLS 1
#endif
#ifndef STOPS
#define STOPS 0
#endif
#ifndef LOSSES
#define LOSSES 0
#endif
#ifndef OFFLINE_CHANGES
#define OFFLINE_CHANGES 0
#endif
#ifndef FAILED_COMMITS
#define FAILED_COMMITS 0
#endif
byte killsLeft = KILLS;
byte stopsLeft = STOPS;
byte lossesLeft = LOSSES;
byte offlineChangesLeft = OFFLINE_CHANGES;
byte failedCommitsLeft = FAILED_COMMITS;
/* With BEGIN_WITH_A_LOST_PAGE the page is lost already, while the client has both tokens in its cache. */

/* The change, and who has heard of it. */
bool isAcknowledged = false;
bool isSeen = false;

/* The store. The change is on the disk before readers see it; whoever opens the store sees what is on the disk. */
bool isOnDisk = false;
bool isVisible = false;
#define NONE 15
byte rememberedPage = 0;

/* The page that its path names now, and all that there ever were: who has one mapped keeps it. */
#if LOSSES > 0 || defined(BEGIN_WITH_A_LOST_PAGE)
#define PAGES (2 + KILLS + STOPS)
#else
#define PAGES 1
#endif
byte pageAtPath = 0;
byte pageCount = 1;
byte epoch[PAGES * 2];
byte instance[PAGES];
bool lease[PAGES];
byte instanceCount = 1;
byte leaseCount = 1;
#define EPOCH(page, shard) epoch[(page) * 2 + (shard)]
#define IS_EVEN(number) ((number) % 2 == 0)
#define OTHER_LEASES(page) (leaseCount - lease[page])

/* What caches compare. */
#ifdef KEEP_UNDER_AN_ODD_EPOCH
#define MAY_BE_KEPT_UNDER(number) true
#else
#define MAY_BE_KEPT_UNDER(number) IS_EVEN(number)
#endif

#ifdef IGNORE_THE_INSTANCE
#define IS_OF_INSTANCE(kept, seen) true
#else
#define IS_OF_INSTANCE(kept, seen) ((kept) == (seen))
#endif

/* What ends with the daemon's process. */
bool isServing = false;
bool isKilled = false;
byte page = 0;
/* The client that the loop serves, by its process number, or 0. */
byte served = 0;
bool loopHas[2];
byte loopTag[2];

/* ------------------------------------------------------------------------------------------ Moving the epochs */

inline move(inPage, shard) { EPOCH(inPage, shard) = EPOCH(inPage, shard) + 1 }

/* The shards that the change touches, one after the other: between the two moves others see one moved and one not. */
inline moveTouched(inPage) {
    move(inPage, 0);
    move(inPage, 1)
}

/* The page is the old one only if it is the one that the store remembers. Any other is lost, and a new one is made:
 * then clients may believe the lost one until its lease is over.
 *
 * A page that takes the place of a lost one is remembered when that wait is over. Were it remembered at once, a daemon
 * that dies in the wait would have a successor that does not wait. */
inline openThePage() {
    atomic {
        if
        :: pageAtPath != NONE && pageAtPath == rememberedPage -> mine = pageAtPath; mustWait = false
        :: else ->
            mine = pageCount; pageCount++; pageAtPath = mine; mustWait = true;
#ifdef REMEMBER_BEFORE_THE_WAIT
            rememberedPage = mine
#else
            rememberedPage = NONE
#endif
        fi;
        isVisible = isOnDisk
    };
#ifndef RESTART_WITHOUT_MOVING
    /* One that is odd, because a daemon died in the middle of a change, becomes even, but no number that it has been. */
    atomic { move(mine, 0); if :: !IS_EVEN(EPOCH(mine, 0)) -> move(mine, 0) :: else fi };
    atomic { move(mine, 1); if :: !IS_EVEN(EPOCH(mine, 1)) -> move(mine, 1) :: else fi };
#endif
    d_step { instanceCount++; instance[mine] = instanceCount }
}

/* A lease term has passed since the start: whoever had a lease before has none now. */
inline endTheWait() {
    OTHER_LEASES(mine) == 0;
    d_step { mustWait = false; rememberedPage = mine }
}

/* --------------------------------------------------------------------------------------------------- The change */

/* COMMIT, which makes the change durable, then visible. It can fail in two ways. If it is certain that nothing was
 * changed, the epochs are moved on. If nobody knows, the change may be on the disk and show itself at the next start:
 * then the epochs stay odd, nothing is kept for the touched shards, and the daemon ends, as if it had been killed between
 * the two steps. Were they moved on, answers would be kept that the next start makes wrong, under a page that may be lost
 * by then. */
inline commit() {
    isOnDisk = true;
#ifdef MOVE_ON_IN_DOUBT
    if :: isInDoubt = true :: isVisible = true fi
#else
    isVisible = true
#endif
}

inline acknowledge() { atomic { printf("the change is acknowledged\n"); isAcknowledged = true } }

/* Ending what has ended changes nothing. */
inline change() {
    if
    :: isOnDisk -> acknowledge()
    :: else ->
#if !defined(COMMIT_AT_ONCE) && !defined(HOLD_ONLY_THE_ANSWER)
        if :: mustWait -> endTheWait() :: else fi;
#endif
#if defined(MOVE_ONLY_BEFORE)
        moveTouched(mine);
        moveTouched(mine);
        commit();
        acknowledge()
#elif defined(MOVE_ONLY_AFTER)
        commit();
        moveTouched(mine);
        moveTouched(mine);
        acknowledge()
#elif defined(ANSWER_BEFORE_MOVING)
        commit();
        acknowledge();
        moveTouched(mine);
        moveTouched(mine)
#else
        moveTouched(mine);
        if
        :: commit();
            printf("the change is committed\n");
            /* The rollback mark is written here. Where that fails the daemon dies, which is a kill at this step. */
            moveTouched(mine);
#ifdef MOVE_ON_IN_DOUBT
            if :: isInDoubt -> isKilled :: else fi;
#endif
#ifdef HOLD_ONLY_THE_ANSWER
            if :: mustWait -> endTheWait() :: else fi;
#endif
            acknowledge()
        :: failedCommitsLeft > 0 ->
            /* Certainly nothing was changed. */
            failedCommitsLeft--;
            moveTouched(mine)
        fi
#endif
    fi
}

/* A command that changes the store at rest holds the lock, and does as the daemon does. If it knows of no page that the
 * store remembers, it waits until no client can believe any, and touches none. */
inline changeOffline() {
    if
    :: pageAtPath != NONE && pageAtPath == rememberedPage ->
        openThePage();
        change()
    :: true ->
#ifndef OFFLINE_AT_ONCE
        leaseCount == 0;
#endif
        isOnDisk = true;
        acknowledge()
    fi
}

/* --------------------------------------------------------------------------------------------------- The daemon */

/* Whoever holds the store's lock: the daemon, or the command while no daemon runs. */
active proctype Holder() {
    byte mine = 0;
    bool mustWait = false;
#ifdef MOVE_ON_IN_DOUBT
    bool isInDoubt = false;
#endif

    /* It has served for a while, or has done so until the page was lost. */
    atomic {
        EPOCH(0, 0) = 4; EPOCH(0, 1) = 4; instance[0] = 1; lease[0] = true;
        run Keeper();
        run Asker();
        run World();
#ifdef BEGIN_WITH_A_LOST_PAGE
        pageAtPath = NONE;
        goto start
#else
        isServing = true;
        goto serving
#endif
    };
start:
    {
        openThePage();
        atomic {
            printf("a daemon serves page %d\n", mine);
            page = mine; leaseCount = leaseCount + 1 - lease[mine]; lease[mine] = true; isServing = true
        };
serving:
        do
        :: !isAcknowledged -> change()
        :: mustWait -> endTheWait()
        :: stopsLeft > 0 -> stopsLeft--; break
        od
    } unless { isKilled };

    /* Killed or stopped. The lease is left as it is, so that caches bridge a restart. */
    atomic {
        printf("the daemon is gone\n");
        isKilled = false; isServing = false; served = 0; mustWait = false;
        loopHas[0] = false; loopHas[1] = false; loopTag[0] = 0; loopTag[1] = 0
    };
    {
        if
        :: offlineChangesLeft > 0 && !isOnDisk -> offlineChangesLeft--; changeOffline()
        :: true
        fi
    } unless { isKilled };
    isKilled = false;
    goto start
}

/* ---------------------------------------------------------------------------------------------------- The clients */

/* A verification may not say VALID that starts when the change has been acknowledged, or when any verification, this
 * client's or another's, has said REVOKED. It starts with its first look at what it shares with others and ends with the
 * last: later or earlier would only ask for less. What a client does with its own memory is no step of its own. */
inline start() {
    if :: token = 0 :: token = 1 fi;
    mayBeValid = !(isAcknowledged || isSeen)
}

inline answer() {
    if
    :: isValid -> printf("client %d: token %d is VALID\n", _pid, token); assert(mayBeValid)
    :: else -> printf("client %d: token %d is REVOKED\n", _pid, token); isSeen = true
    fi
}

/* Verify over the socket: what the daemon's loop does for a client. It serves one at a time, loads the epoch, looks into
 * its own cache, and only then reads the store. All that it knows dies with it, and the client has no answer. */
inline beginToServe() {
    isServing && served == 0;
    served = _pid;
    loopEpoch = EPOCH(page, token);
    isValid = loopHas[token] && loopTag[token] == loopEpoch && MAY_BE_KEPT_UNDER(loopEpoch)
}

inline readTheStore() {
    isValid = !isVisible
}

inline keepInTheLoop() {
#ifdef TAG_AT_STORE_TIME
    loopEpoch = EPOCH(page, token);
#endif
    loopHas[token] = isValid && MAY_BE_KEPT_UNDER(loopEpoch);
    loopTag[token] = (loopHas[token] -> loopEpoch : 0)
}

inline loadTheLease() {
#ifdef IGNORE_THE_LEASE
    isTrusted = true
#else
    isTrusted = lease[mapped]
#endif
}

inline loadTheInstance() { seenInstance = instance[mapped] }

inline loadTheEpoch() { seenEpoch = EPOCH(mapped, token) }

/* Kept under what was loaded before the call. */
inline keep() {
#ifdef TAG_AT_STORE_TIME
    loadTheEpoch();
#endif
    has[token] = isValid && MAY_BE_KEPT_UNDER(seenEpoch);
    tag[token] = (has[token] -> seenEpoch : 0);
    tagInstance[token] = (has[token] -> seenInstance : 0)
}

/* No two states that differ only in what no longer matters. */
inline forget() { token = 0; mayBeValid = true; isValid = false; loopEpoch = 0 }

/* A client that keeps answers.
 *
 * One of this kind is enough: another's cache changes nothing that this one sees. What another can do to it is to make
 * the loop keep an answer, and to hear that a token is revoked; for both it has to ask, and only answers that are VALID
 * are ever kept. So all others are clients that ask. */
proctype Keeper() {
    byte token = 0;
    bool mayBeValid = true;
    bool isValid = false;
    byte loopEpoch = 0;
    byte mapped = 0;
#ifdef BEGIN_WITH_A_LOST_PAGE
    bool has[2] = true;
    byte tag[2] = 4;
    byte tagInstance[2] = 1;
#else
    bool has[2];
    byte tag[2];
    byte tagInstance[2];
#endif
    byte seenEpoch = 0;
    byte seenInstance = 0;
    bool isTrusted = false;

end:
    do
    ::  /* GetCachePage, where the file is the page that it names. What was kept under another page stays kept. */
        atomic { isServing && pageAtPath == page && mapped != page -> mapped = page }
    ::  /* Three loads: between any two of them anything can happen. The epoch has to be the last. Were it the lease, the
         * epoch could be of before a restart, when the lease was over, and the lease of behind it. */
#ifdef LOAD_THE_LEASE_LAST
        atomic { start(); loadTheEpoch() };
        loadTheInstance();
        atomic {
            loadTheLease();
#else
        atomic { start(); loadTheLease() };
        loadTheInstance();
        atomic {
            loadTheEpoch();
#endif
            isValid = isTrusted && has[token] && tag[token] == seenEpoch && MAY_BE_KEPT_UNDER(seenEpoch) &&
                IS_OF_INSTANCE(tagInstance[token], seenInstance);
            isTrusted = false;
            /* Even so the caller may ask for it to be read afresh. */
            if
            :: isValid -> answer(); goto answered
            :: true
            fi
        };
        atomic { beginToServe() };
        {
            if :: !isValid -> readTheStore() :: else fi;
            atomic { keepInTheLoop(); keep(); answer(); served = 0 }
        } unless { served != _pid };
answered:
        atomic { forget(); seenEpoch = 0; seenInstance = 0 }
    od
}

/* A client that keeps nothing. */
proctype Asker() {
    byte token = 0;
    bool mayBeValid = true;
    bool isValid = false;
    byte loopEpoch = 0;

end:
    do
    ::  atomic { isServing && served == 0 -> start(); beginToServe() };
        {
            if :: !isValid -> readTheStore() :: else fi;
            atomic { keepInTheLoop(); answer(); served = 0 }
        } unless { served != _pid };
        atomic { forget() }
    od
}

/* ---------------------------------------------------------------------------------------------------- The world */

/* Time passes and leases end, somebody kills the daemon or the command, or takes the page away. A daemon renews its lease
 * in time: where it does not, clients only ask it. */
proctype World() {
    byte which = 0;
end:
    do
    :: atomic {
            leaseCount > 0 -> which = 0;
            do
            :: lease[which] && !(isServing && page == which) ->
                printf("the lease of page %d is over\n", which);
                lease[which] = false; leaseCount--; break
            :: which < PAGES - 1 -> which++
            :: else -> break
            od;
            which = 0
        }
    :: atomic { killsLeft > 0 && !isKilled -> killsLeft--; isKilled = true }
    :: atomic { lossesLeft > 0 && pageAtPath != NONE -> printf("the page is lost\n"); lossesLeft--; pageAtPath = NONE }
    od
}

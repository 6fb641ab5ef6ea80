import Testing

@testable import TokenCore

/// Every question and every short story of a small world, held to one rule: power never grows.
///
/// The world: four scopes, three roles, two ends and none, one user and one service account. Scopes are bits:
/// 1 issues:read, 2 issues:write, 4 members:write, 8 workspace:admin.
@Suite("Power never grows")
struct PowerTests {
    private static let names = ["issues:read", "issues:write", "members:write", "workspace:admin"]
    private static let administration = 8
    /// What the roles grant: each inherits the one before.
    private static let roles = [1, 1 | 2 | 4, 15]
    private static let ends: [Instant?] = [Instant(microseconds: 1), Instant(microseconds: 2), nil]

    private static let sets: [ScopeSet] = (0..<16).map { mask in
        ScopeSet(names.indices.filter { mask & (1 << $0) != 0 }.compactMap { Scope(names[$0]) })
    }

    private func allows(_ check: () throws(Denial) -> Void) -> Bool {
        do throws(Denial) {
            try check()
            return true
        } catch {
            return false
        }
    }

    private func isSubset(_ mask: Int, of other: Int) -> Bool { mask & ~other == 0 }

    /// The later of two ends is the larger number; none is the latest.
    private func outlives(_ end: Int, _ other: Int) -> Bool { end > other }

    // MARK: - Every question

    /// One caller: what it is, has now, was given, and until when. A user whom a peer names was given nothing and has no
    /// end.
    private struct Asker: Hashable {
        var isServiceAccount: Bool
        var scopes: Int
        var recorded: Int?
        var end: Int

        var power: Power {
            Power(
                isServiceAccount: isServiceAccount, scopes: sets[scopes], recordedScopes: recorded.map { sets[$0] },
                expiresAt: ends[end])
        }
    }

    private func askers() -> [Asker] {
        var askers: [Asker] = []
        for scopes in 0..<16 {
            askers.append(Asker(isServiceAccount: false, scopes: scopes, recorded: nil, end: 2))
            for recorded in 0..<16 where isSubset(scopes, of: recorded) {
                for end in 0..<3 {
                    askers.append(Asker(isServiceAccount: false, scopes: scopes, recorded: recorded, end: end))
                    if recorded == scopes {
                        askers.append(Asker(isServiceAccount: true, scopes: scopes, recorded: recorded, end: end))
                    }
                }
            }
        }
        return askers
    }

    @Test func everyAnswerIsYesExactlyWhenNothingGrows() {
        #expect(Power.administration.text == "workspace:admin")
        #expect(Power.membership.text == "members:write")
        #expect(Power.removal.text == "members:admin")
        var wrong: [String] = []
        for asker in askers() {
            let power = asker.power
            let isAdmin = asker.scopes & Self.administration != 0
            for wanted in 0..<16 {
                let holds = isSubset(wanted, of: asker.scopes)
                let given = asker.recorded.map { isSubset(wanted, of: $0) } ?? true
                if allows({ () throws(Denial) in try power.checkAccount(scopes: Self.sets[wanted]) })
                    != (isAdmin && holds)
                {
                    wrong.append("account \(asker) \(wanted)")
                }
                for end in 0..<3 {
                    let ends = !outlives(end, asker.end)
                    let set = Self.sets[wanted]
                    let instant = Self.ends[end]
                    let answers = [
                        allows { () throws(Denial) in try power.checkCreation(scopes: set, expiresAt: instant) }
                            == (!asker.isServiceAccount && holds && ends),
                        allows { () throws(Denial) in try power.checkRoll(scopes: set, expiresAt: instant) }
                            == (!asker.isServiceAccount && given && ends),
                        allows { () throws(Denial) in try power.checkAdministration(of: set, expiresAt: instant) }
                            == (isAdmin && holds && ends),
                    ]
                    if answers.contains(false) { wrong.append("token \(asker) \(wanted) \(end) \(answers)") }
                }
                for new in 0..<16 {
                    let isAllowed = allows { () throws(Denial) in
                        try power.checkRole(from: Self.sets[wanted], to: Self.sets[new])
                    }
                    if isAllowed != isSubset(wanted | new, of: asker.scopes) {
                        wrong.append("role \(asker) \(wanted) \(new)")
                    }
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    @Test func aRefusalNamesAllThatIsMissingAndNothingElse() {
        let power = Asker(isServiceAccount: false, scopes: 1, recorded: 1, end: 2).power
        #expect(throws: Denial.missingScopes(Self.sets[2 | 8])) {
            try power.checkAdministration(of: Self.sets[1 | 2], expiresAt: nil)
        }
        #expect(throws: Denial.missingScopes(Self.sets[6])) {
            try power.checkRole(from: Self.sets[1 | 2], to: Self.sets[4])
        }
    }

    // MARK: - Every story of five calls

    /// A token whose secret the story's hero has.
    private struct Key: Hashable {
        var isServiceAccount: Bool
        var recorded: Int
        var end: Int
    }

    /// Keys of one kind, as bits. One that another of them surpasses in all is left out: whatever it opens, the other does.
    private struct Ring: Hashable {
        var bits: UInt64 = 0

        mutating func add(_ recorded: Int, _ end: Int) {
            for other in members where recorded & ~other.recorded == 0 && end <= other.end { return }
            for other in members where other.recorded & ~recorded == 0 && other.end <= end {
                bits &= ~(1 << UInt64(other.recorded * 3 + other.end))
            }
            bits |= 1 << UInt64(recorded * 3 + end)
        }

        var members: [(recorded: Int, end: Int)] {
            var members: [(recorded: Int, end: Int)] = []
            var rest = bits
            while rest != 0 {
                let place = rest.trailingZeroBitCount
                members.append((place / 3, place % 3))
                rest &= rest - 1
            }
            return members
        }
    }

    private struct World: Hashable {
        /// Of the hero's user.
        var role: Int
        /// What the account issues next. Others have issued tokens of it with everything.
        var account: Int
        var isDisabled: Bool
        var personal = Ring()
        var ofAccount = Ring()
        /// The hero is a user whom a trusted peer names, and needs no key.
        var isNamed: Bool
        /// What the last call gave.
        var newest: Key?

        mutating func add(_ key: Key) {
            if key.isServiceAccount {
                ofAccount.add(key.recorded, key.end)
            } else {
                personal.add(key.recorded, key.end)
            }
            newest = key
        }
    }

    /// The answers of the rules under test, asked once each: the stories ask them some millions of times.
    private struct Oracle {
        private struct Question: Hashable {
            let asker: Asker
            let kind: Int
            let first: Int
            let second: Int
        }

        private var answers: [Question: Bool] = [:]

        mutating func ask(
            _ asker: Asker, _ kind: Int, _ first: Int, _ second: Int, _ check: () throws(Denial) -> Void
        ) -> Bool {
            let question = Question(asker: asker, kind: kind, first: first, second: second)
            if let answer = answers[question] { return answer }
            var answer = true
            do throws(Denial) { try check() } catch { answer = false }
            answers[question] = answer
            return answer
        }
    }

    private func askers(in world: World) -> [Asker] {
        var askers = world.personal.members.map { key in
            Asker(
                isServiceAccount: false, scopes: key.recorded & Self.roles[world.role], recorded: key.recorded,
                end: key.end)
        }
        if !world.isDisabled {
            askers += world.ofAccount.members.map { key in
                Asker(isServiceAccount: true, scopes: key.recorded, recorded: key.recorded, end: key.end)
            }
        }
        if world.isNamed {
            askers.append(Asker(isServiceAccount: false, scopes: Self.roles[world.role], recorded: nil, end: 2))
        }
        return askers
    }

    /// All worlds that one call of one asker leads to.
    private func successors(of world: World, by asker: Asker, _ oracle: inout Oracle) -> [World] {
        let power = asker.power
        var worlds: [World] = []
        func after(_ change: (inout World) -> Void) {
            var next = world
            next.newest = nil
            change(&next)
            worlds.append(next)
        }
        for wanted in [1, 3, 5, 9, 15] {
            let set = Self.sets[wanted]
            for end in 0..<3 {
                let instant = Self.ends[end]
                let creates = oracle.ask(asker, 0, wanted, end) { () throws(Denial) in
                    try power.checkCreation(scopes: set, expiresAt: instant)
                }
                // A token of the hero's own user: rolled, it is the hero's.
                let rolls = oracle.ask(asker, 1, wanted, end) { () throws(Denial) in
                    try power.checkRoll(scopes: set, expiresAt: instant)
                }
                // Issued, or made by others and rolled.
                let administers = oracle.ask(asker, 2, wanted, end) { () throws(Denial) in
                    try power.checkAdministration(of: set, expiresAt: instant)
                }
                if creates || rolls { after { $0.add(Key(isServiceAccount: false, recorded: wanted, end: end)) } }
                if administers { after { $0.add(Key(isServiceAccount: true, recorded: wanted, end: end)) } }
            }
            if oracle.ask(asker, 3, wanted, 0, { () throws(Denial) in try power.checkAccount(scopes: set) }) {
                after { $0.account = wanted }
            }
        }
        // Enabling needs all that the account has and its tokens were issued with.
        if oracle.ask(asker, 3, 15, 0, { () throws(Denial) in try power.checkAccount(scopes: Self.sets[15]) }) {
            after { $0.isDisabled = false }
        }
        // Only who may manage members comes to this question at all.
        if asker.scopes & 4 != 0 {
            let old = Self.roles[world.role]
            for (role, new) in Self.roles.enumerated() where role != world.role {
                let moves = oracle.ask(asker, 4, old, new) { () throws(Denial) in
                    try power.checkRole(from: Self.sets[old], to: Self.sets[new])
                }
                if moves { after { $0.role = role } }
            }
        }
        return worlds
    }

    /// The hero has no more than at first: of scopes, of lifetime, of identity. What a key was given but its user's role
    /// does not grant was given to the hero's first key too.
    private func faults(in world: World, of hero: Hero) -> [String] {
        var faults: [String] = []
        if let key = world.newest {
            let bound = key.isServiceAccount ? hero.asker.scopes : hero.asker.recorded ?? 15
            if !isSubset(key.recorded, of: bound) { faults.append("scopes: \(key) of \(hero)") }
            if outlives(key.end, hero.asker.end) { faults.append("lifetime: \(key) of \(hero)") }
            if hero.asker.isServiceAccount && !key.isServiceAccount { faults.append("identity: \(key) of \(hero)") }
        }
        for asker in askers(in: world) where !isSubset(asker.scopes, of: hero.asker.scopes) {
            faults.append("scopes now: \(asker) of \(hero)")
        }
        if !isSubset(Self.roles[world.role], of: Self.roles[hero.role] | hero.asker.scopes) {
            faults.append("role: \(world.role) of \(hero)")
        }
        return faults
    }

    @Test(arguments: [false, true]) func noStoryOfFiveCallsEndsWithMoreThanItBeganWith(isServiceAccount: Bool) {
        var oracle = Oracle()
        var wrong: [String] = []
        for hero in heroes(isServiceAccount: isServiceAccount) {
            var start = World(
                role: hero.role, account: 1, isDisabled: !isServiceAccount, isNamed: hero.key == nil)
            if let key = hero.key { start.add(key) }
            start.newest = nil
            var known: Set<World> = [start]
            var frontier = [start]
            for _ in 0..<5 where wrong.isEmpty {
                var next: [World] = []
                for world in frontier {
                    for asker in askers(in: world) {
                        for var successor in successors(of: world, by: asker, &oracle) {
                            wrong += faults(in: successor, of: hero)
                            successor.newest = nil
                            if known.insert(successor).inserted { next.append(successor) }
                        }
                    }
                }
                frontier = next
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    private struct Hero {
        let asker: Asker
        let key: Key?
        let role: Int
    }

    private func heroes(isServiceAccount: Bool) -> [Hero] {
        var heroes: [Hero] = []
        for end in 0..<3 {
            for recorded in [1, 3, 5, 9, 13, 15] {
                let key = Key(isServiceAccount: isServiceAccount, recorded: recorded, end: end)
                for role in isServiceAccount ? [0] : [0, 1, 2] {
                    let scopes = isServiceAccount ? recorded : recorded & Self.roles[role]
                    let asker = Asker(
                        isServiceAccount: isServiceAccount, scopes: scopes, recorded: recorded, end: end)
                    heroes.append(Hero(asker: asker, key: key, role: role))
                }
            }
        }
        if !isServiceAccount {
            for role in 0..<3 {
                let asker = Asker(isServiceAccount: false, scopes: Self.roles[role], recorded: nil, end: 2)
                heroes.append(Hero(asker: asker, key: nil, role: role))
            }
        }
        return heroes
    }
}

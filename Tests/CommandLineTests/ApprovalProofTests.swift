import BelayTestSupport
import CanonicalJSON
import Journal
import RunbookExecutor
import Testing

/// What a proof's records must show of a gate, though somebody with the log's key wrote them.
@Suite(.enabled(if: InstalledProgram.isExpected("ssh-keygen")))
struct ApprovalProofTests {
  private typealias Records = [(seq: Int64, content: PendingRecord)]

  private static func problems(_ records: Records) -> [String] {
    ApprovalAudit(records, ApprovalProject.checker).problems
  }

  /// A run that two people approved.
  private static func approvedRun() throws -> Records {
    let project = ApprovalProject(rules: "  two-leads: {effects: [irreversible], from: [lead], count: 2}")
    let run = project.waiting("run", "runbook.yaml")
    for name in ["bob", "cem"] {
      let said = project.belay("approve", "last", "--yes", "--reason", name, "--key", project.key(name))
      #expect(said.status == 0, "\(said)")
    }
    #expect(run.wait().status == 0)
    let store = try JournalStore.open(at: project.world.path("store"), access: .readOnly)
    let id = try #require(try store.runs().first?.id)
    return try store.records(ofRun: id).map { ($0.seq, try $0.parsed().content) }
  }

  private static func isVote(_ record: PendingRecord) -> Bool {
    record.type == "person.answered" && record.data?["answer"]?["vote"] != nil
  }

  @Test("what was approved as the plan asks is proven, and whatever is left out of that is found")
  func forgeries() throws {
    let records = try Self.approvedRun()
    #expect(Self.problems(records) == [])
    let ballots = records.filter { $0.content.type != Ballot.recordType }
    #expect(Self.problems(ballots).first?.contains("that nobody gave") == true, "\(Self.problems(ballots))")
    let last = try #require(records.last { Self.isVote($0.content) }?.seq)
    let one = Self.problems(records.filter { $0.seq != last })
    #expect(one.first?.contains("with 1 of the 2 approvals of lead") == true, "\(one)")
    let none = Self.problems(records.filter { !Self.isVote($0.content) })
    #expect(none.first?.contains("with 0 of the 2") == true, "\(none)")
    let unasked = Self.problems(
      records.filter { record in
        let isGate = record.content.data?["question"]?["kind"]?.string == "approval"
        return !isGate && !Self.isVote(record.content) && record.content.type != Ballot.recordType
      })
    #expect(unasked.first?.contains("nobody was asked to approve") == true, "\(unasked)")
    let unverified = Self.problems(records.filter { $0.content.type != "votes.verified" })
    #expect(unverified.first?.contains("had not verified") == true, "\(unverified)")
  }

  @Test("a plan that cannot be read, or another one than the records name, proves no approval")
  func plans() throws {
    let records = try Self.approvedRun()
    var broken = records
    let data = try #require(broken[0].content.data?.members)
    let plan = try #require(broken[0].content.data?["plan"]?.members)
    func put(_ plan: JSON) {
      broken[0].content.data = .object(data.filter { $0.key != "plan" } + [.init("plan", plan)])
    }
    put(.object(plan.filter { $0.key != "name" }))
    #expect(Self.problems(broken).first?.contains("it holds no plan") == true, "\(Self.problems(broken))")
    put(.object(plan.map { $0.key == "version" ? .init("version", "9.9.9") : $0 }))
    #expect(Self.problems(broken).contains { $0.contains("it is of another plan") }, "\(Self.problems(broken))")
  }

  @Test("a vote on another log than there is counts for nothing")
  func otherLogs() throws {
    let records = try Self.approvedRun()
    let audit = ApprovalAudit(records, ApprovalProject.checker) { _ in "another" }
    #expect(audit.problems.first?.contains("the log is not the one that the approver saw") == true, "\(audit.problems)")
    #expect(ApprovalAudit(records, ApprovalProject.checker) { _ in nil }.problems == [])
  }

  @Test("a step that goes by another's name, or is said to be tried only, is found")
  func otherNames() throws {
    var records = try Self.approvedRun()
    let first = records[0].content.data?.members ?? []
    var tried = records.filter { $0.content.type != "person.asked" && $0.content.type != Ballot.recordType }
    tried[0].content.data = .object(first.filter { $0.key != "mode" } + [.init("mode", "dry-run")])
    #expect(Self.problems(tried).contains { $0.contains("said to be a dry run, and this was done") })
    for place in records.indices where records[place].content.step == "steps.promote" {
      records[place].content.step = "steps.prepare"
    }
    let moved = Self.problems(records)
    #expect(moved.contains { $0.contains("it names steps.prepare, and is about steps.promote") }, "\(moved)")
    var twice = try Self.approvedRun()
    let intent = try #require(twice.first { $0.content.type == "intent" })
    twice.append((twice[twice.count - 1].seq + 1, intent.content))
    #expect(Self.problems(twice).contains { $0.contains("the same attempt began before") })
  }

  @Test("a record that does not follow from those before it is found")
  func stories() throws {
    let records = try Self.approvedRun()
    let run = try #require(records[0].content.data?["id"]?.string)
    #expect(StoredRun.contradiction(in: records, of: run) == nil)
    let end = try #require(records.last { $0.content.type == "step.ended" })
    var evil = end.content
    evil.step = "steps.evil"
    let added = records + [(end.seq + 100, evil)]
    #expect(StoredRun.contradiction(in: added, of: run)?.contains("record \(end.seq + 100) does not follow") == true)
    let twice = records + [(end.seq + 100, end.content)]
    #expect(StoredRun.contradiction(in: twice, of: run) != nil, "a step ends once")
  }

  @Test("a vote that was void right before the step does not count, and is said not to")
  func voided() throws {
    var records = try Self.approvedRun()
    let place = try #require(records.firstIndex { $0.content.type == "votes.verified" })
    let vote = try #require(records.first { Self.isVote($0.content) }?.content.data?["answer"]?["vote"]?["record"]?.int)
    var verified = records[place].content
    let void = JSON.object([.init("record", .int(vote)), .init("reason", .string("its key has expired"))])
    verified.data = .object((verified.data?.members ?? []) + [.init("void", .array([void]))])
    records[place].content = verified
    let audit = ApprovalAudit(records, ApprovalProject.checker)
    #expect(audit.problems.first?.contains("with 1 of the 2") == true, "\(audit.problems)")
    let said = try #require(audit.findings.first { $0.record == vote })
    #expect(said.problem?.contains("its key has expired") == true)
    #expect(!said.isCounted)
  }
}

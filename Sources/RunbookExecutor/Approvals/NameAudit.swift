import CanonicalJSON
import Journal
import RunEngine

/// Whether a run's records call things by their names: what a record is about stands in it twice, as an address for people
/// and as the name that the state machine gives, and nothing begins twice under one name.
///
/// It works nothing out, so that it needs no output.
enum NameAudit {
  /// What is wrong, record by record.
  static func problems(in records: [(seq: Int64, content: PendingRecord)]) -> [String] {
    guard let first = records.first, case .runStarted(let start)? = event(first.content, nil) else { return [] }
    var state = RunState(start, at: first.content.timestamp)
    var begun: Set<String> = []
    var problems: [String] = []
    for (number, record) in records.dropFirst() where record.type != Ballot.recordType {
      let text = record.data?["id"]?.string
      let index = text.flatMap { EffectID($0)?.step.map { Int64($0.value) } } ?? record.data?["index"]?.int
      if let index {
        guard index >= 0, index < state.steps.count else {
          problems.append("record \(number): it is about a step that there is not")
          continue
        }
        let address = RunEventCodec.address(StepIndex(Int(index)), state)
        if record.step != address, record.step?.hasPrefix(address + ".") != true {
          problems.append("record \(number): it names \(record.step ?? "no step"), and is about \(address)")
        }
      }
      if record.type == "intent", let text, !begun.insert(text).inserted {
        problems.append("record \(number): the same attempt began before")
      }
      if record.type == "step.expanded", case .expanded(let step, let expansion)? = event(record, state) {
        state.open(step, expansion)
      }
    }
    return problems
  }

  private static func event(_ record: PendingRecord, _ state: RunState?) -> RunEvent? {
    let body = RecordBody(
      type: record.type, step: record.step, attempt: record.attempt, actor: record.actor,
      data: record.data ?? .object([]))
    return try? RunEventCodec.decode(body, in: state) { _ in nil }
  }
}

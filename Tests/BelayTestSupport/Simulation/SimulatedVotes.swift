import RunEngine
import RunbookParser

/// What somebody says about a gate, and when.
package struct SimulatedVote: Sendable {
  /// Who.
  package var person: String
  /// Whether they say yes.
  package var approves: Bool
  /// The key they sign with; their login alone if nil.
  package var key: String?
  /// How long after the question, in milliseconds.
  package var after: Int64

  package init(_ person: String, approves: Bool = true, key: String? = nil, after: Int64 = 10) {
    self.person = person
    self.approves = approves
    self.key = key
    self.after = after
  }
}

/// What was said about the gates of a run: it stays, whatever becomes of the engine.
struct SimulatedVotes {
  private var cast: [EffectID: [Vote]] = [:]
  private var lastRecord: Int64 = 0

  /// People hear of a gate, at a time.
  mutating func add(_ votes: [SimulatedVote], to gate: EffectID, at time: Int64) {
    for vote in votes.sorted(by: { $0.after < $1.after }) {
      lastRecord += 1
      cast[gate, default: []].append(
        Vote(
          record: lastRecord, person: vote.person, identity: vote.key.map { .key($0) } ?? .login(vote.person),
          approves: vote.approves, reason: vote.approves ? "" : "not now", time: time + vote.after))
    }
  }

  /// Who had denied a gate until a time.
  func denials(of gate: EffectID, until time: Int64) -> [Vote] {
    (cast[gate] ?? []).filter { !$0.approves && $0.time <= time }
  }

  /// What was and will be said about a gate, after what has been heard.
  func votes(about gate: OpenGate) -> [Vote] { (cast[gate.id] ?? []).filter { $0.record > gate.heard } }
}

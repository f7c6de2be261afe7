import RunbookParser

/// A gate that was put before people, and what they said.
package struct OpenGate: Hashable, Sendable {
  /// The question.
  package let id: EffectID
  /// What was asked.
  package let question: Question
  /// What will be done, and whose yes it takes.
  package let request: ApprovalRequest
  /// The votes that count.
  package internal(set) var votes: [Vote] = []
  /// The last record that was heard, whatever it came to.
  package internal(set) var heard: Int64 = 0
  /// Whether it takes nobody else's yes.
  package internal(set) var isMet = false
  /// Whether the present engine has verified the votes once more.
  var isVerified = false

  init(_ id: EffectID, _ question: Question, _ request: ApprovalRequest) {
    self.id = id
    self.question = question
    self.request = request
  }

  /// The gate with a vote that no engine has heard yet.
  package func adding(_ vote: Vote) -> OpenGate {
    var gate = self
    gate.votes.append(vote)
    return gate
  }

  /// How many more people a demand takes.
  package func missing(_ demand: Approval.Demand, _ policy: Policy?) -> Int {
    max(0, demand.count - votes.count { policy?.has($0.person, oneOf: demand.roles) == true })
  }
}

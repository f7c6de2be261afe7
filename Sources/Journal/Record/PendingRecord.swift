import CanonicalJSON

/// A record before its place in the journal is known.
package struct PendingRecord: Hashable, Sendable {
  /// The type of a record of an approval.
  package static let approvalType = "approval"

  /// When it happened, in milliseconds since the epoch.
  package var timestamp: Int64
  /// What happened.
  package var type: String
  /// The address of the step.
  package var step: String?
  /// The attempt, counted from 1.
  package var attempt: Int64?
  /// The person or program that did it.
  package var actor: String?
  /// The digest of the plan.
  package var plan: String?
  /// What else is to be known.
  package var data: JSON?

  package init(
    timestamp: Int64, type: String, step: String? = nil, attempt: Int64? = nil, actor: String? = nil,
    plan: String? = nil, data: JSON? = nil
  ) {
    self.timestamp = timestamp
    self.type = type
    self.step = step
    self.attempt = attempt
    self.actor = actor
    self.plan = plan
    self.data = data
  }
}

/// The place that a record got.
package struct CommittedRecord: Hashable, Sendable {
  /// The sequence number, counted from 1 across the store.
  package let seq: Int64
  /// The hash of the line, which the next record names.
  package let hash: ContentHash
}

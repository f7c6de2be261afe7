import RunEngine

/// Does what the state machine wants done, and sends events back; the loop's only way to the world.
///
/// All calls but `startPending` come from the thread that runs the loop, after the commit of what they follow from. They must
/// not block for long.
package protocol Performer: AnyObject, Sendable {
  /// Where what happened is put; set once, before anything else is called.
  func attach(_ inbox: Inbox)
  /// Reads secrets before anything is performed, so that they are taken out of all that is kept; blocks meanwhile.
  ///
  /// - Throws: Where one of them cannot be had; then nothing must be performed.
  func readSecrets(_ names: [String]) throws(SecretError)
  /// Starts an action or an undo, at once or with `startPending`. `actionEnded` or `actionRefused` follows, exactly once.
  func start(_ request: StartRequest)
  /// Asks the world once, at once or with `startPending`. `actionEnded` or `actionRefused` follows, exactly once.
  func probe(_ request: ProbeRequest)
  /// Opens a tunnel. `tunnelOpened` follows where it can be opened, and `actionEnded` or `actionRefused`, exactly once.
  func open(_ id: EffectID, _ tunnel: ResolvedTunnel)
  /// How many things are left for `startPending`.
  var pendingStarts: Int { get }
  /// Starts one thing that is left for it, on any thread, and takes as long as a program's start takes.
  ///
  /// - Parameter stays: Whether the thread has time to stay with a program that is likely to end at once.
  func startPending(stays: Bool)
  /// What still waits to be started is not started any more; its end follows all the same.
  func startNothingMore()
  /// Ends what is in flight; its end follows as it would have anyway.
  func stop(_ id: EffectID)
  /// Puts a question to a person. `answered` or `unanswerable` follows, unless it is withdrawn.
  func ask(_ id: EffectID, _ question: Question)
  /// The time of a gate is over. The votes that were recorded before are sent, and then `unanswerable`.
  func close(_ id: EffectID)
  /// Verifies the votes for a gate once more. `votesVerified` follows.
  func verify(_ id: EffectID, gate: EffectID, _ votes: [Vote])
  /// A question is no longer open.
  func withdraw(_ id: EffectID)
  /// How long a timer really takes, in milliseconds; nil where the performer sends something else in its place.
  func delay(of timer: TimerID, after milliseconds: Int64) -> Int64?
  /// Ends what is still there, once the loop is over.
  func shutDown()
}

extension Performer {
  package func readSecrets(_ names: [String]) throws(SecretError) {}

  package var pendingStarts: Int { 0 }

  package func startPending(stays: Bool) {}

  package func startNothingMore() {}
}

/// Hears what happened, in order, after it became durable.
package protocol RunObserver: AnyObject {
  /// Events were committed; `state` is what they led to.
  func committed(_ records: [CommittedEvent], state: RunState)
  /// Something for the operator that is not part of the record.
  func reported(_ message: String)
}

/// An event with its place in the journal.
package struct CommittedEvent: Sendable {
  /// The record's number.
  package var sequence: Int64
  /// When it happened, in milliseconds since the epoch.
  package var time: Int64
  /// What happened.
  package var event: RunEvent
}

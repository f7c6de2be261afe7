import RunEngine

/// What happened in a simulation, in order.
package enum SimulationEntry: Sendable {
  /// An event became durable.
  case committed(RunEvent, at: Int64, batch: Int)
  /// An effect was performed, after the commit of its batch.
  case performed(RunEffect, at: Int64, batch: Int)
  /// The engine died.
  case crashed(at: Int64)
}

/// How an engine's work in a simulation ended.
package enum SimulationEnd: Sendable, Hashable {
  /// The run is over.
  case ended(RunOutcome)
  /// The run is not over; another engine may go on.
  case paused(PauseReason)
  /// The engine died.
  case crashed
  /// Nothing will happen until a person answers, or something ends, and that will never be.
  case waiting
  /// Nothing will ever happen, though the run is not over.
  case stuck
  /// It would go on for ever.
  case endless
  /// The state machine refused an event.
  case fault(String)
}

import RunbookParser

/// What the state machine wants done.
package enum RunEffect: Hashable, Sendable {
  /// Record a decision, and apply it before anything else.
  case record(RunEvent)
  /// Start an action or an undo whose intent is recorded.
  indirect case start(StartRequest)
  /// Ask the world once, for a check; needs no intent.
  indirect case probe(ProbeRequest)
  /// Open a tunnel: `tunnelOpened` follows once it is, and its end as that of an action.
  indirect case open(EffectID, ResolvedTunnel)
  /// End something in flight; its end follows as an event.
  case stop(EffectID)
  /// Send `timerFired` after some milliseconds.
  case timer(TimerID, after: Int64)
  /// Put a question to a person.
  indirect case ask(EffectID, Question)
  /// The time of a gate is over: the votes that were recorded before are sent, and then `unanswerable`.
  case close(EffectID)
  /// Verify the votes for a gate, the second name, once more: `votesVerified` follows.
  indirect case verify(EffectID, EffectID, [Vote])
  /// A question is no longer open.
  case withdraw(EffectID)
  /// Tell the operator something.
  case report(String)
}

/// An action to be started.
package struct StartRequest: Hashable, Sendable {
  /// Whose it is.
  package var id: EffectID
  /// What to do.
  package var action: ResolvedAction
  /// What it does to the world.
  package var effect: Effect
  /// What a dry run does instead, really.
  package var dryRun: ResolvedAction?
  /// Whether what it writes is kept.
  package var keepsOutput: Bool

  package init(
    id: EffectID, action: ResolvedAction, effect: Effect, dryRun: ResolvedAction? = nil, keepsOutput: Bool = true
  ) {
    self.keepsOutput = keepsOutput
    self.id = id
    self.action = action
    self.effect = effect
    self.dryRun = dryRun
  }
}

/// A question to the world.
package struct ProbeRequest: Hashable, Sendable {
  /// Whose it is.
  package var id: EffectID
  /// What to ask.
  package var action: ResolvedAction
  /// What the answer is about: an assumed change can only be assumed to be verified.
  package var subject: Evidence
  /// Whether the check around it holds where this does not.
  package var isNegated: Bool

  package init(id: EffectID, action: ResolvedAction, subject: Evidence = .observed, isNegated: Bool = false) {
    self.isNegated = isNegated
    self.id = id
    self.action = action
    self.subject = subject
  }
}

import RunbookParser

/// The end of the run.
extension RunState {
  /// Goes on to `finally` with an outcome that is known now: first that of runbooks whose call did not come to it.
  mutating func finish(_ outcome: RunOutcome) {
    phase = .finishing(outcome)
    let owed = owedFrames
    for place in owed { beginFinally(place) }
    if owed.isEmpty { beginFinalSteps() }
    fillSlots()
    completeForward()
  }

  /// Begins the plan's own `finally`.
  mutating func beginFinalSteps() {
    finallyBegun = true
    for place in frames[1].range where steps[place].openNeeds == 0 && steps[place].end == nil {
      becomeReady(StepIndex(place))
    }
  }

  /// Records the run's end, once people were told of it and nothing is kept running any more.
  mutating func conclude(_ outcome: RunOutcome) {
    if effects.contains(where: { if case .record(.runEnded) = $0 { true } else { false } }) { return }
    var final = outcome
    var failure = self.failure?.failure
    let failedAtEnd = steps.indices.first { place in
      if case .failed = steps[place].end { isFinal(StepIndex(place)) } else { false }
    }.map { steps[$0] }
    if final == .succeeded, let failedAtEnd, case .failed(let why, _) = failedAtEnd.end {
      final = .failed
      failure = why
    } else if final == .succeeded, finallyAborted {
      final = .failed
      failure = Failure(.operator, "the operator ended `finally`")
    }
    var outputs: [NamedValue] = []
    if final == .succeeded {
      let computed = self.outputs(plan.outputs, .none, at: vantage(nil))
      outputs = computed.values
      if let problem = computed.problems.first {
        final = .failed
        failure = Failure(.failed, problem)
      }
    }
    if !endTold {
      endTold = true
      tell(.ended, outcome: final)
    }
    guard notices.isEmpty, closeServices() else { return }
    effects.append(.record(.runEnded(final, failure, outputs: outputs, evidence: overallEvidence)))
  }

  /// What the run as a whole is worth as evidence: no more than its weakest part.
  package var overallEvidence: Evidence {
    var weakest = Evidence.observed
    for place in steps.indices where steps[place].end != nil {
      switch steps[place].evidence {
      case .assumed: return .assumed
      case .scripted: weakest = .scripted
      case .observed: break
      }
    }
    return weakest
  }

  /// The run is over.
  mutating func endRun(_ outcome: RunOutcome, _ failure: Failure?, _ outputs: [NamedValue]) {
    phase = .ended(outcome)
    self.outputs = outputs
    if let failure, self.failure == nil { self.failure = FirstFailure(step: nil, failure: failure) }
    pause = nil
    livedBefore += max(0, now - engineStartedAt)
  }
}

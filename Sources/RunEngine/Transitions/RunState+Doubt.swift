import RunbookParser

extension RunState {
  /// Finds out whether a step's action took effect, and what follows.
  mutating func settle(_ step: StepIndex, _ purpose: Settling.Purpose) {
    if purpose == .resume, engine?.survivorsPossible == true {
      return goesNoFurther(step) ? undecided(step, purpose) : askAboutDoubt(step)
    }
    if self[step].effect == .observe { return again(step, purpose) }
    if let applied = self[step].applied {
      var run = CheckRun(applied, step: step, slot: .applied, subject: .observed, at: vantage(step))
      run.start(&self)
      return continueSettling(step, Settling(stage: .applied(run), purpose: purpose))
    }
    guard !self[step].verify.isEmpty else { return undecided(step, purpose) }
    settleByVerification(step, 0, purpose)
  }

  private mutating func settleByVerification(_ step: StepIndex, _ place: Int, _ purpose: Settling.Purpose) {
    var run = CheckRun(self[step].verify[place], step: step, slot: .doubt, subject: .observed, at: vantage(step))
    run.start(&self)
    continueSettling(step, Settling(stage: .verify(place, run), purpose: purpose))
  }

  private mutating func continueSettling(_ step: StepIndex, _ settling: Settling) {
    setPhase(step, .settling(settling))
    let run: CheckRun
    switch settling.stage {
    case .applied(let applied): run = applied
    case .verify(_, let verify): run = verify
    case .asking: return
    }
    guard let verdict = run.verdict, pause?.reason != .terminated else { return }
    if goesNoFurther(step), settling.purpose == .retry || isStopped(step) {
      return failStopped(step, "stopped while in doubt: " + steps[Int(step.value)].lastFailure, inDoubt: true)
    }
    if verdict.passes { steps[Int(step.value)].evidence = verdict.evidence }
    switch (settling.stage, verdict.answer) {
    case (.applied, .holds), (.applied, .assumed): tookEffect(step)
    case (.applied, .fails): again(step, settling.purpose)
    case (.verify(let place, _), .holds), (.verify(let place, _), .assumed):
      if place + 1 < self[step].verify.count {
        settleByVerification(step, place + 1, settling.purpose)
      } else {
        // A verification that holds means done.
        steps[Int(step.value)].outputs = outputs(self[step].outputs, .none, at: vantage(step)).values
        conclude(step, .succeeded, outputs: steps[Int(step.value)].outputs)
      }
    default: undecided(step, settling.purpose)
    }
  }

  /// The action took effect, and its result is lost: what does not need it is worked out, and it is verified.
  private mutating func tookEffect(_ step: StepIndex) {
    steps[Int(step.value)].outputs = outputs(self[step].outputs, .none, at: vantage(step)).values
    verify(step, 0)
  }

  /// The action may be started again.
  private mutating func again(_ step: StepIndex, _ purpose: Settling.Purpose) {
    if goesNoFurther(step) {
      // Nothing starts any more, and there is nothing to undo.
      forgetStart(step)
      return failStopped(step, "interrupted before it took effect")
    }
    switch purpose {
    case .resume: enqueue(step)
    case .retry: pauseBeforeRetry(step)
    }
  }

  private mutating func undecided(_ step: StepIndex, _ purpose: Settling.Purpose) {
    if goesNoFurther(step) { return failStopped(step, "interrupted", inDoubt: true) }
    if self[step].repeatable { return again(step, purpose) }
    switch purpose {
    case .retry: fail(step, .failed, steps[Int(step.value)].lastFailure, inDoubt: true)
    case .resume: askAboutDoubt(step)
    }
  }

  private mutating func askAboutDoubt(_ step: StepIndex) {
    let id = nextID(step, .doubt)
    setPhase(step, .settling(Settling(stage: .asking(id), purpose: .resume)))
    let choices = [
      Question.Choice(id: "applied", title: "its action took effect: go on with its verification"),
      Question.Choice(id: "repeat", title: "its action did not take effect: start it again"),
      Question.Choice(id: "fail", title: "nobody knows: let the step fail"),
    ]
    let text = "Step \(self[step].id) was interrupted, and nothing says whether its action took effect."
    effects.append(.record(.asked(id, Question(text: text, kind: .choose(choices)))))
  }

  /// Takes what came for a doubt.
  mutating func deliverToSettling(
    _ delivery: Delivery, to id: EffectID, _ step: StepIndex, _ settling: Settling
  ) -> Bool {
    var settling = settling
    switch settling.stage {
    case .applied(var run):
      guard run.deliver(delivery, to: id, &self) else { return false }
      settling.stage = .applied(run)
    case .verify(let place, var run):
      guard run.deliver(delivery, to: id, &self) else { return false }
      settling.stage = .verify(place, run)
    case .asking(let expected):
      guard expected == id, case .answered(let answer, let by, let evidence) = delivery else { return false }
      steps[Int(step.value)].evidence = evidence
      switch answer {
      case .choice("applied"): tookEffect(step)
      case .choice("repeat"): enqueue(step)
      default: fail(step, .failed, "\(by) let the step fail in doubt", inDoubt: true)
      }
      return true
    }
    continueSettling(step, settling)
    return true
  }

  /// Ends the settling of a doubt after something else failed.
  mutating func cancelSettling(_ step: StepIndex, _ settling: Settling) {
    var settling = settling
    switch settling.stage {
    case .applied(var run):
      run.cancel(&self)
      settling.stage = .applied(run)
    case .verify(let place, var run):
      run.cancel(&self)
      settling.stage = .verify(place, run)
    case .asking(let id):
      withdraw(id)
      return failStopped(step, "stopped while in doubt", inDoubt: true)
    }
    continueSettling(step, settling)
  }
}

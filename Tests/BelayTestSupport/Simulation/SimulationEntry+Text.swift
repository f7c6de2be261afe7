import RunEngine

extension SimulationEntry: CustomStringConvertible {
  /// One short line.
  package var description: String {
    switch self {
    case .committed(let event, let time, _): "\(time % 100_000) \(Self.text(event))"
    case .performed(let effect, let time, _): "\(time % 100_000)     → \(Self.text(effect))"
    case .crashed(let time): "\(time % 100_000) the engine dies"
    }
  }

  private static func text(_ event: RunEvent) -> String {
    switch event {
    case .engineStarted(let start):
      "engine \(start.epoch): \(start.purpose)\(start.attended ? ", attended" : "")"
        + (start.survivorsPossible ? ", survivors possible" : "")
    case .actionStarted(let id, _): "started \(id)"
    case .actionEnded(let id, let end): "ended \(id): \(text(end.ending))"
    case .intended(let id, _, _): "intent \(id)"
    case .asked(let id, let question): "asked \(id): \(question.text)"
    case .stepEnded(let step, let end, _, _): "step \(step.value): \(end)"
    case .failureDecided(let step, let failure, let policy):
      "failure of \(step.map { String($0.value) } ?? "run"): \(failure.cause), \(policy)"
    case .undoEnded(let step, let end, _): "undo of \(step.value): \(end)"
    case .timerFired(let timer): "timer \(timer.owner) \(timer.purpose)"
    default: "\(event)"
    }
  }

  private static func text(_ ending: ActionEnd.Ending) -> String {
    switch ending {
    case .exited(let status, _, _): "exit \(status)"
    case .signalled(let signal, _, _): "signal \(signal)"
    default: "\(ending)"
    }
  }

  private static func text(_ effect: RunEffect) -> String {
    switch effect {
    case .start(let request): "start \(request.id) (\(request.effect))"
    case .probe(let request): "probe \(request.id)"
    case .timer(let timer, let after): "timer \(timer.owner) \(timer.purpose) after \(after)"
    case .ask(let id, _): "ask \(id)"
    default: "\(effect)"
    }
  }
}

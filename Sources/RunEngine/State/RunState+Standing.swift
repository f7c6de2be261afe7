/// What a run has come to.
extension RunState {
  /// All by which it is decided what follows, in words that are the same for states that are: not what programs wrote.
  package var standing: [String] {
    let failed = failure.map { "\($0.step?.value ?? -1) \($0.failure)" } ?? ""
    let run =
      "\(phase) \(pendingEnds) \(pendingFailure) \(pendingUndoEnds) \(unfinished) \(live) \(liveBlocks) \(failed) "
      + "\(laterFailures) \(hadToleratedFailure) \(reachIncomplete) \(undoneHolders.keys.sorted()) \(outputs)"
    return [run]
      + steps.map { step in
        "\(step.phase) \(step.undo) \(step.openNeeds) \(step.isEnding) \(step.attempt) \(step.serial) "
          + "\(step.mayHaveStarted) \(step.inDoubt) \(step.evidence) \(String(describing: step.end)) \(step.outputs)"
      }
  }
}

import CProcessShims

/// Input that comes after the start, for programs whose input is held open.
extension ChildReader {
  /// Takes what was sent; what comes after the input was closed is lost.
  func passInputs() {
    let inputs = shared.withLock { shared in
      defer { if !shared.inputs.isEmpty { shared.inputs = [] } }
      return shared.inputs
    }
    for input in inputs {
      guard let child = shared.withLock({ $0.children[input.id] }), child.input >= 0 else { continue }
      child.append(input.bytes)
      if !child.isFeeding { feed(child) }
    }
  }

  /// Gives a program what its pipe takes, and closes the pipe after the last byte where it is not held open.
  func feed(_ child: SupervisedChild) {
    guard child.input >= 0 else { return }
    if child.feed() {
      if !child.holdsInput { return drop(&child.input) }
      if child.isFeeding { belay_poller_remove(poller, child.input) }
      child.isFeeding = false
    } else if !child.isFeeding {
      child.isFeeding =
        belay_poller_add(poller, child.input, EventToken(.input, of: child.id).rawValue, true) == 0
      // What the poller does not take cannot be given: the program sees its input end.
      if !child.isFeeding { drop(&child.input) }
    }
  }
}

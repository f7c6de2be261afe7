import RunbookParser

extension RunState {
  /// A place with its expressions worked out, refused where its name would be taken for an option.
  func resolve(_ place: Place) throws(ResolveProblem) -> ResolvedPlace {
    switch place {
    case .ssh(let target): return .ssh(try name(target))
    case .pod(let pod):
      return .pod(
        ResolvedPlace.Pod(
          target: try name(pod.target), namespace: try optionalName(pod.namespace),
          container: try optionalName(pod.container), context: try optionalName(pod.context)))
    }
  }

  private func name(_ text: Text) throws(ResolveProblem) -> String {
    let name = try resolveText(text, step: nil).get()
    if let flaw = Place.flaw(of: name) { throw .error("`\(name)` cannot name a place: \(flaw)") }
    return name
  }

  private func optionalName(_ text: Text?) throws(ResolveProblem) -> String? {
    guard let text else { return nil }
    return try resolveText(text, step: nil).get()
  }
}

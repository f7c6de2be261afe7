import RunbookParser

extension RunState {
  /// A place with its expressions worked out, refused where its name would be taken for an option.
  func resolve(_ place: Place, at vantage: Vantage) throws(ResolveProblem) -> ResolvedPlace {
    switch place {
    case .ssh(let target): return .ssh(try name(target, vantage))
    case .pod(let pod):
      return .pod(
        ResolvedPlace.Pod(
          target: try name(pod.target, vantage), namespace: try optionalName(pod.namespace, vantage),
          container: try optionalName(pod.container, vantage), context: try optionalName(pod.context, vantage)))
    }
  }

  private func name(_ text: Text, _ vantage: Vantage) throws(ResolveProblem) -> String {
    let name = try resolveText(text, at: vantage).get()
    if let flaw = Place.flaw(of: name) { throw .error("`\(name)` cannot name a place: \(flaw)") }
    return name
  }

  private func optionalName(_ text: Text?, _ vantage: Vantage) throws(ResolveProblem) -> String? {
    guard let text else { return nil }
    return try resolveText(text, at: vantage).get()
  }
}

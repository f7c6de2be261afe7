extension Effect {
  /// The methods of requests that only observe.
  static let observingMethods = ["GET", "HEAD"]

  /// The effect of an action whose author says none; nil where it must be said.
  static func unsaid(of action: String, method: String? = nil) -> Effect? {
    switch action {
    case "exec", "run": .change
    case "http": observingMethods.contains((method ?? "GET").uppercased()) ? .observe : .change
    case "manual": nil
    default: .observe
    }
  }
}

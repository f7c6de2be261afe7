import CanonicalJSON

/// What who starts a run signs: canonical JSON.
package struct StartStatement: Hashable, Sendable {
  /// The namespace of signatures over it, in which nothing else is signed.
  package static let namespace = "belay-start"
  private static let kind = "belay start 1"

  /// The run.
  package var run: String
  /// The digest of the plan.
  package var plan: String
  /// When it was started, in milliseconds since the epoch.
  package var time: Int64

  package init(run: String, plan: String, time: Int64) {
    self.run = run
    self.plan = plan
    self.time = time
  }

  /// Reads a statement; nil unless every byte is as this program would write it.
  package init?(_ text: String) {
    guard let json = try? JSON.parse(Array(text.utf8)), let run = json["run"]?.string, let plan = json["plan"]?.string,
      let time = json["time"]?.int
    else { return nil }
    self.init(run: run, plan: plan, time: time)
    guard self.text == text else { return nil }
  }

  /// The statement as it is signed.
  package var text: String {
    String(
      decoding: JSON.object([
        .init("kind", .string(Self.kind)), .init("run", .string(run)), .init("plan", .string(plan)),
        .init("time", .int(time)),
      ]).canonicalBytes(), as: UTF8.self)
  }
}

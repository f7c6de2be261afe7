import CanonicalJSON
import Expressions
import RunbookParser

extension RunState {
  /// A notice as the request or the program that delivers it.
  func resolve(_ notice: Notice, at vantage: Vantage) -> Result<ResolvedAction, ResolveProblem> {
    resolveText(notice.message, at: vantage).flatMap { resolve(notice.channel, message: $0, at: vantage) }
  }

  private func resolve(
    _ channel: Channel, message: String, at vantage: Vantage
  ) -> Result<ResolvedAction, ResolveProblem> {
    var inside = vantage
    inside.parameters.append(NamedValue(name: "message", value: .string(message)))
    switch channel.transport {
    case .webhook(let call): return resolve(call, at: inside).map { .http($0) }
    case .command(let program):
      return resolve(program, at: inside).map { program in
        var program = program
        if program.input == nil { program.input = .text(message) }
        return .program(program)
      }
    case .slack(let url):
      return post(to: url, .object([.init("text", .string(message))]), at: inside)
    case .pagerDuty(let url, let key, let severity):
      guard case .literal(let key) = key else { return .failure(.error("the routing key must be known")) }
      let event: JSON = .object([
        .init("routing_key", .string(key)), .init("event_action", .string("trigger")),
        .init("dedup_key", .string("belay-\(run.id)")),
        .init(
          "payload",
          .object([
            .init("summary", .string(message)), .init("source", .string("belay/\(plan.name)")),
            .init("severity", .string(severity)),
          ])),
      ])
      return post(to: url, event, at: inside)
    }
  }

  private func post(to url: Text, _ body: JSON, at vantage: Vantage) -> Result<ResolvedAction, ResolveProblem> {
    resolveText(url, at: vantage).map { url in
      .http(
        ResolvedHTTPCall(
          method: "POST", url: url,
          headers: [ResolvedVariable(name: "Content-Type", value: .text("application/json"))],
          body: .text(String(decoding: body.canonicalBytes(), as: UTF8.self))))
    }
  }
}

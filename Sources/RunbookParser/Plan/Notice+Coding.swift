import CanonicalJSON
import Expressions

extension PrometheusQuery {
  func encoded() -> JSON {
    var query = ObjectBuilder()
    query.put("server", server.encoded())
    query.put("query", self.query.encoded())
    query.put("headers", list: headers.map { $0.encoded() })
    query.put("ca", ca?.encoded())
    return query.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let query = try ObjectReader(json, "a query")
    self.init(
      server: try Text(decoding: try query.value("server")), query: try Text(decoding: try query.value("query")))
    headers = try EnvironmentVariable.list(query.list("headers"))
    ca = try Text.optional(query.optional("ca"))
  }
}

extension Notice {
  func encoded() -> JSON {
    var notice = ObjectBuilder()
    notice.put("channel", channel.encoded())
    notice.put("message", message.encoded())
    notice.put("required", flag: required)
    return notice.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let notice = try ObjectReader(json, "a notice")
    self.init(
      channel: try Channel(decoding: try notice.value("channel")),
      message: try Text(decoding: try notice.value("message")), required: notice.flag("required"))
  }
}

extension RunNotice {
  func encoded() -> JSON {
    var notice = ObjectBuilder()
    notice.put("when", texts: when.map(\.rawValue))
    notice.put("channel", channel.encoded())
    notice.put("message", message.encoded())
    return notice.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let notice = try ObjectReader(json, "a notice of a run")
    self.init(
      when: notice.texts("when").compactMap { RunMoment(rawValue: $0) },
      channel: try Channel(decoding: try notice.value("channel")),
      message: try Text(decoding: try notice.value("message")))
  }
}

extension Channel {
  func encoded() -> JSON {
    var channel = ObjectBuilder()
    channel.put("name", text: name)
    switch transport {
    case .webhook(let call): channel.put("webhook", call.encoded())
    case .slack(let url): channel.put("slack", url.encoded())
    case .pagerDuty(let url, let key, let severity):
      channel.put("pagerduty", url.encoded())
      channel.put("key", key.encoded())
      channel.put("severity", text: severity)
    case .command(let program): channel.put("command", program.encoded())
    }
    return channel.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let channel = try ObjectReader(json, "a channel")
    let transport: Transport
    if let call = channel.optional("webhook") {
      transport = .webhook(try HTTPCall(decoding: call))
    } else if let url = channel.optional("slack") {
      transport = .slack(url: try Text(decoding: url))
    } else if let url = channel.optional("pagerduty") {
      transport = .pagerDuty(
        url: try Text(decoding: url), routingKey: try Text(decoding: try channel.value("key")),
        severity: try channel.text("severity"))
    } else {
      transport = .command(try Program(decoding: try channel.value("command")))
    }
    self.init(name: try channel.text("name"), transport: transport)
  }
}

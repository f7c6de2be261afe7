/// A way to tell people something.
public struct Channel: Sendable, Hashable {
  /// How a message goes out.
  public enum Transport: Sendable, Hashable {
    /// A request with a JSON body in which `${{ with.message }}` stands.
    case webhook(HTTPCall)
    /// Slack's incoming webhooks.
    case slack(url: Text)
    /// PagerDuty's events, version 2.
    case pagerDuty(url: Text, routingKey: Text, severity: String)
    /// A program that gets the message on standard input.
    case command(Program)
  }

  /// The channel's name.
  public var name: String
  /// How a message goes out.
  public var transport: Transport

  /// A channel from its parts.
  public init(name: String, transport: Transport) {
    self.name = name
    self.transport = transport
  }
}

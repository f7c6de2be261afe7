/// Something in a run's life that people can be told of.
public enum RunMoment: String, Sendable, Hashable, CaseIterable {
  /// The run begins.
  case started
  /// A person is waited for.
  case gate
  /// Something failed, and decides how the run goes on.
  case failed
  /// Steps are undone.
  case rollingBack = "rolling-back"
  /// The run is over.
  case ended
}

/// What people are told when something happens to a run; it never makes the run fail.
public struct RunNotice: Sendable, Hashable {
  /// When they are told.
  public var when: [RunMoment]
  /// Over which channel.
  public var channel: Channel
  /// What they are told.
  public var message: Text

  /// A notice from its parts.
  public init(when: [RunMoment], channel: Channel, message: Text) {
    self.when = when
    self.channel = channel
    self.message = message
  }
}

import Glibc

extension KubernetesStandIn {
  /// A time as the API writes it.
  public static func time(secondsAgo: Int) -> String { Clock.text(Glibc.time(nil) - secondsAgo) }
}

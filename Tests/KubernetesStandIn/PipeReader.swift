import NIOCore

/// Takes what comes out of a pipe or a connection, and its end.
final class PipeReader: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let take: (ByteBuffer) -> Void
  private let ended: () -> Void
  private var hasEnded = false

  init(take: @escaping (ByteBuffer) -> Void, ended: @escaping () -> Void) {
    self.take = take
    self.ended = ended
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { take(unwrapInboundIn(data)) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { end() }
  }

  func channelInactive(context: ChannelHandlerContext) { end() }

  private func end() {
    if hasEnded { return }
    hasEnded = true
    ended()
  }
}

import NIOCore
import NIOPosix
import NIOWebSocket

/// A `port-forward` over WebSocket, `SPDY/3.1+portforward.k8s.io`: the messages carry the bytes of a SPDY connection, which has
/// a stream for errors and a stream for data for each connection that the client was given.
///
/// The ports of a pod are this machine's.
final class PortForwardSession: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  static let subprotocol = "SPDY/3.1+portforward.k8s.io"
  private static let lastOfStream: UInt8 = 1

  private let headers = SPDYHeaders()
  private var received: [UInt8] = []
  /// Streams for errors by the number of the request they belong to.
  private var errorStreams: [String: UInt32] = [:]
  /// Connections to a port by the number of their stream for data.
  private var connections: [UInt32: any Channel] = [:]
  /// What came for a connection that is not made yet; nil stands for the end.
  private var early: [UInt32: [ByteBuffer?]] = [:]

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .binary:
      received += frame.unmaskedData.readableBytesView
      takeFrames(context)
    case .ping:
      let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
      context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
    case .connectionClose: context.close(promise: nil)
    default: break
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    for connection in connections.values { connection.close(promise: nil) }
    connections = [:]
    context.fireChannelInactive()
  }

  /// Frames of SPDY/3: 8 bytes of head, the last three of which are the length of what follows.
  private func takeFrames(_ context: ChannelHandlerContext) {
    while received.count >= 8 {
      let length = received[5..<8].reduce(0) { $0 << 8 | Int($1) }
      guard received.count >= 8 + length else { return }
      let head = Array(received[..<8])
      let payload = Array(received[8..<(8 + length)])
      received.removeFirst(8 + length)
      if head[0] & 0x80 == 0 {
        take(payload, of: Self.number(head), isLast: head[4] & Self.lastOfStream != 0)
      } else {
        control(head[3], payload, context)
      }
    }
  }

  private static func number(_ bytes: [UInt8]) -> UInt32 {
    bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
  }

  private func control(_ type: UInt8, _ payload: [UInt8], _ context: ChannelHandlerContext) {
    switch type {
    case 1 where payload.count > 10:
      let stream = Self.number(payload)
      let said = headers.read(Array(payload[10...])) ?? [:]
      send([0x80, 3, 0, 2, 0], Self.bytes(stream) + headers.empty(), context)
      let request = said["requestid"] ?? ""
      if said["streamtype"] == "error" { errorStreams[request] = stream }
      if said["streamtype"] == "data" { connect(stream, Int(said["port"] ?? "") ?? 0, request, context) }
    case 3:
      connections.removeValue(forKey: Self.number(payload))?.close(promise: nil)
    case 6: send([0x80, 3, 0, 6, 0], payload, context)
    default: break
    }
  }

  private func take(_ payload: [UInt8], of stream: UInt32, isLast: Bool) {
    let bytes = ByteBuffer(bytes: payload)
    if let connection = connections[stream] {
      if !payload.isEmpty { connection.writeAndFlush(bytes, promise: nil) }
      if isLast { connection.close(mode: .output, promise: nil) }
    } else if early[stream] != nil {
      early[stream]?.append(bytes)
      if isLast { early[stream]?.append(nil) }
    }
  }

  private func connect(_ stream: UInt32, _ port: Int, _ request: String, _ context: ChannelHandlerContext) {
    early[stream] = []
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    ClientBootstrap(group: context.eventLoop).channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let reader = PipeReader(
            take: { bytes in
              let (session, context) = bound.value
              session.sendData(Array(bytes.readableBytesView), on: stream, context)
            },
            ended: {
              let (session, context) = bound.value
              session.finish(stream, request, nil, context)
            })
          try channel.pipeline.syncOperations.addHandler(reader)
        }
      }
      .connect(host: "127.0.0.1", port: port)
      .whenComplete { result in
        let (session, context) = bound.value
        switch result {
        case .success(let channel):
          session.connections[stream] = channel
          for bytes in session.early.removeValue(forKey: stream) ?? [] {
            if let bytes {
              channel.writeAndFlush(bytes, promise: nil)
            } else {
              channel.close(mode: .output, promise: nil)
            }
          }
        case .failure:
          session.early[stream] = nil
          session.finish(stream, request, "connect to port \(port): connection refused", context)
        }
      }
  }

  /// Ends both streams of a connection.
  private func finish(_ stream: UInt32, _ request: String, _ error: String?, _ context: ChannelHandlerContext) {
    connections[stream] = nil
    if let errors = errorStreams.removeValue(forKey: request) {
      if let error { sendData(Array(error.utf8), on: errors, context) }
      sendData([], on: errors, isLast: true, context)
    }
    sendData([], on: stream, isLast: true, context)
  }

  // MARK: Sending

  private func sendData(
    _ bytes: [UInt8], on stream: UInt32, isLast: Bool = false, _ context: ChannelHandlerContext
  ) {
    send(Self.bytes(stream) + [isLast ? Self.lastOfStream : 0], bytes, context)
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }

  private func send(_ head: [UInt8], _ payload: [UInt8], _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    let length = Self.bytes(UInt32(payload.count))[1...]
    let frame = WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: head + length + payload))
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }
}

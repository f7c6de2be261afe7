import BelayTestSupport
import CanonicalJSON
import Glibc
import NIOCore
import NIOPosix
import NIOWebSocket

/// An `exec` over WebSocket, `v5.channel.k8s.io`: each message is the number of a channel and what goes over it.
///
/// As container runtimes do, it leaves the program alone when the client goes away: only its standard input ends. The
/// program leads a process group, not a session: what a test's process starts in sessions of their own has another owner.
final class ExecSession: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  static let subprotocol = "v5.channel.k8s.io"

  private enum Stream: UInt8 {
    case input = 0
    case output = 1
    case errors = 2
    case status = 3
    case resize = 4
    case close = 255
  }

  /// As many programs can be awaited at once.
  private static let reapers: NIOThreadPool = {
    let pool = NIOThreadPool(numberOfThreads: 32)
    pool.start()
    return pool
  }()

  /// glibc's POSIX_SPAWN_SETSID, which its header shows to GNU sources only: what runs in a pod has no terminal.
  private static let newSession: Int16 = 0x80

  private let target: Target
  private let image: String
  private let environment: [String: String]
  private let starter: [String]
  private var input: (any Channel)?
  /// What came before the pipe was ready.
  private var early: [ByteBuffer] = []
  private var inputHasEnded = false
  private var openOutputs = 2
  private var end: Int32?

  /// - Parameter starter: What stands before the words of the program.
  init(target: Target, container: JSON, environment: [String: String], starter: [String]) {
    self.target = target
    image = container["image"]?.string ?? ""
    self.environment = environment
    self.starter = starter
  }

  /// The container that an `exec` is about; nil where there is none, or its pod does not run.
  static func container(for target: Target, in cluster: Cluster) -> JSON? {
    guard let pod = cluster.runningPod(target, "exec"), !target.values("command").isEmpty else { return nil }
    let containers = pod.at("spec", "containers")?.array ?? []
    let wanted = target.value("container")
    return containers.first { wanted == nil || $0["name"]?.string == wanted }
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { start(context) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .binary:
      var bytes = frame.unmaskedData
      guard let stream = bytes.readInteger(as: UInt8.self).flatMap(Stream.init(rawValue:)) else { return }
      switch stream {
      case .input: give(bytes)
      case .close where bytes.readInteger(as: UInt8.self) == Stream.input.rawValue: endInput()
      default: break
      }
    case .ping:
      context.writeAndFlush(
        wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)), promise: nil)
    case .connectionClose: context.close(promise: nil)
    default: break
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    endInput()
    context.fireChannelInactive()
  }

  private func give(_ bytes: ByteBuffer) {
    if let input { input.writeAndFlush(bytes, promise: nil) } else { early.append(bytes) }
  }

  private func endInput() {
    inputHasEnded = true
    input?.close(mode: .output, promise: nil)
  }

  // MARK: The program

  private func start(_ context: ChannelHandlerContext) {
    let words = target.values("command")
    let base = words[0].split(separator: "/").last.map(String.init) ?? ""
    if image.contains("distroless"), ["sh", "bash"].contains(base) { return absent(words[0], context) }
    let pipes = (0..<3).map { _ in PrivatePipe.make() }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, pipes[0].reading, 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[1].writing, 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[2].writing, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    var none = sigset_t()
    sigemptyset(&none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for number in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&usual, number) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setflags(&attributes, Self.newSession | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let command = starter + words
    var argv = command.map { strdup($0) } + [nil]
    var variables = environment
    variables["PATH"] = KubernetesStandIn.searchPath
    var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    var pid: pid_t = 0
    let error = posix_spawnp(&pid, command[0], &actions, &attributes, &argv, &envp)
    for pointer in argv + envp { free(pointer) }
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
    for descriptor in [pipes[0].reading, pipes[1].writing, pipes[2].writing] { close(descriptor) }
    guard error == 0 else {
      for descriptor in [pipes[0].writing, pipes[1].reading, pipes[2].reading] { close(descriptor) }
      return absent(words[0], context)
    }
    connect(context, input: pipes[0].writing, output: pipes[1].reading, errors: pipes[2].reading)
    let loop = context.eventLoop
    let child = pid
    let bound = NIOLoopBound((self, context), eventLoop: loop)
    // Awaiting one program holds a thread.
    Self.reapers.runIfActive(eventLoop: loop) { () -> Int32 in
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
      return status
    }.whenSuccess { status in
      let (session, context) = bound.value
      session.end = status
      session.finishIfOver(context)
    }
  }

  private func connect(_ context: ChannelHandlerContext, input: Int32, output: Int32, errors: Int32) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let reader: @Sendable (Stream) -> PipeReader = { stream in
      PipeReader(
        take: { bytes in
          let (session, context) = bound.value
          session.send(stream, bytes, context)
        },
        ended: {
          let (session, context) = bound.value
          session.openOutputs -= 1
          session.finishIfOver(context)
        })
    }
    NIOPipeBootstrap(group: context.eventLoop).channelOption(.allowRemoteHalfClosure, value: true)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(reader(.output)) }
      }
      .takingOwnershipOfDescriptors(input: output, output: input)
      .whenSuccess { channel in
        let (session, _) = bound.value
        session.input = channel
        for bytes in session.early { channel.writeAndFlush(bytes, promise: nil) }
        session.early = []
        if session.inputHasEnded { channel.close(mode: .output, promise: nil) }
      }
    NIOPipeBootstrap(group: context.eventLoop)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(reader(.errors)) }
      }
      .takingOwnershipOfDescriptor(input: errors).whenFailure { _ in close(errors) }
  }

  // MARK: The end

  private func finishIfOver(_ context: ChannelHandlerContext) {
    guard let end, openOutputs == 0 else { return }
    input?.close(promise: nil)
    let signal = end & 0x7F
    let status = signal == 0 ? (end >> 8) & 0xFF : 128 + signal
    if status == 0 { return finish(.of(["metadata": .object([]), "status": .string("Success")]), context) }
    let cause = JSON.of(["reason": .string("ExitCode"), "message": .string(String(status))])
    finish(
      .of([
        "metadata": .object([]), "status": .string("Failure"), "reason": .string("NonZeroExitCode"),
        "message": .string("command terminated with non-zero exit code: exit status \(status)"),
        "details": .of(["causes": .array([cause])]),
      ]), context)
  }

  private func absent(_ name: String, _ context: ChannelHandlerContext) {
    finish(
      .of([
        "metadata": .object([]), "status": .string("Failure"), "reason": .string("InternalError"), "code": .int(500),
        "message": .string(
          "error executing command in container: unable to start container process: exec: \"\(name)\": "
            + "executable file not found in $PATH: unknown"),
      ]), context)
  }

  private func finish(_ status: JSON, _ context: ChannelHandlerContext) {
    send(.status, ByteBuffer(bytes: status.canonicalBytes()), context)
    var code = context.channel.allocator.buffer(capacity: 2)
    code.write(webSocketErrorCode: .normalClosure)
    let close = WebSocketFrame(fin: true, opcode: .connectionClose, data: code)
    context.writeAndFlush(wrapOutboundOut(close), promise: nil)
  }

  private func send(_ stream: Stream, _ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    guard context.channel.isActive else { return }
    var data = context.channel.allocator.buffer(capacity: bytes.readableBytes + 1)
    data.writeInteger(stream.rawValue)
    data.writeImmutableBuffer(bytes)
    context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .binary, data: data)), promise: nil)
  }
}

import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The clients of an exchange and their one thread.
final class ClientPool: Sendable {
  private enum State {
    /// Nothing was started yet: there is no thread.
    case idle
    case running(Running)
    case shutDown
  }

  private struct Running {
    let group: MultiThreadedEventLoopGroup
    /// Clients that serve nobody.
    var idle: [PooledClient.Configuration: [PooledClient]] = [:]
    var serving: [ObjectIdentifier: PooledClient] = [:]
    var closing: [ObjectIdentifier: EventLoopFuture<Void>] = [:]
  }

  /// How many clients that serve nobody are kept for each configuration.
  private static let mostIdle = 4

  private let state = Mutex(State.idle)

  /// A client for one exchange; nil after the shutdown.
  func take(_ configuration: PooledClient.Configuration) -> PooledClient? {
    state.withLock { state in
      var running: Running
      switch state {
      case .idle: running = Running(group: Self.makeGroup())
      case .running(let present): running = present
      case .shutDown: return nil
      }
      let client = running.idle[configuration]?.popLast() ?? PooledClient(configuration, group: running.group)
      running.serving[ObjectIdentifier(client)] = client
      state = .running(running)
      return client
    }
  }

  /// Takes a client back. It serves again only after an answer: a request that was given up may still make a
  /// connection, which the next exchange would take for its own.
  func giveBack(_ client: PooledClient, after end: HTTPEnd) {
    let closing = state.withLock { state -> EventLoopFuture<Void>? in
      guard case .running(var running) = state else { return nil }
      defer { state = .running(running) }
      running.serving[ObjectIdentifier(client)] = nil
      if case .answered = end, running.idle[client.configuration, default: []].count < Self.mostIdle {
        running.idle[client.configuration, default: []].append(client)
        return nil
      }
      let closing: EventLoopFuture<Void> = client.client.shutdown()
      running.closing[ObjectIdentifier(client)] = closing
      return closing
    }
    closing?.whenComplete { _ in
      self.state.withLock { state in
        guard case .running(var running) = state else { return }
        running.closing[ObjectIdentifier(client)] = nil
        state = .running(running)
      }
    }
  }

  /// Cancels what the clients do, and returns when the thread has ended; not to be called on it.
  func shutDown() {
    let running = state.withLock { state -> Running? in
      defer { state = .shutDown }
      guard case .running(let running) = state else { return nil }
      return running
    }
    guard let running else { return }
    let clients = running.idle.values.flatMap { $0 } + running.serving.values
    let closing: [EventLoopFuture<Void>] = clients.map { $0.client.shutdown() } + running.closing.values
    // Neither fails: a client is shut down here or was before, and the group is nobody else's.
    for client in closing { try? client.wait() }
    try? running.group.syncShutdownGracefully()
  }

  /// One thread, which handles no signal of this process.
  private static func makeGroup() -> MultiThreadedEventLoopGroup {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return MultiThreadedEventLoopGroup(numberOfThreads: 1)
  }
}

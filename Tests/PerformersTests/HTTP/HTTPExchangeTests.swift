import Glibc
import Synchronization
import Testing

@testable import Performers

@Suite struct HTTPExchangeTests {
  private let exchange = HTTPExchange()

  @Test func anAnswerIsHandedOnWithItsHeadersInLowerCase() async throws {
    let server = try await LoopbackServer { _ in .text(201, "hello", headers: [("X-Thing", "A"), ("X-Thing", "b")]) }
    let (end, recorder) = await exchange.send(HTTPRequestSpec(url: server.url("/a?b=c")))
    #expect(end.status == 201)
    #expect(end.headers.filter { $0.0 == "x-thing" }.map(\.1) == ["A", "b"])
    #expect(end.certificateExpires == nil)
    #expect(recorder.text == "hello")
    let request = try #require(server.tally.requests.first)
    #expect(request.method == "GET" && request.path == "/a?b=c")
    #expect(request.headers["user-agent"] == "belay")
    try await server.stop()
  }

  @Test func methodHeadersAndBodyAreSentAsGiven() async throws {
    let server = try await LoopbackServer { _ in .text(200, "") }
    let body = Array(repeating: UInt8(ascii: "x"), count: 300_000)
    let (end, _) = await exchange.send(
      HTTPRequestSpec(
        method: "PROPFIND", url: server.url("/"),
        headers: [("user-agent", "mine"), ("X-A", "1"), ("X-A", "2"), ("Content-Type", "text/x")], body: body))
    #expect(end.status == 200)
    let request = try #require(server.tally.requests.first)
    #expect(request.method == "PROPFIND")
    #expect(request.headers["user-agent"] == "mine")
    #expect(request.headers["x-a"] == "1, 2")
    #expect(request.headers["content-type"] == "text/x")
    #expect(request.headers["content-length"] == "300000")
    #expect(request.body == body)
    try await server.stop()
  }

  @Test func aRedirectionIsFollowedOnlyWhereItIsAskedFor() async throws {
    let server = try await LoopbackServer { request in
      request.path == "/from" ? .text(302, "moved", headers: [("Location", "/to")]) : .text(200, "there")
    }
    let (kept, keptRecorder) = await exchange.send(HTTPRequestSpec(url: server.url("/from")))
    #expect(kept.status == 302)
    #expect(keptRecorder.text == "moved")
    let (followed, recorder) = await exchange.send(HTTPRequestSpec(url: server.url("/from"), followsRedirects: true))
    #expect(followed.status == 200)
    #expect(recorder.text == "there")
    try await server.stop()
  }

  @Test func endlessRedirectionsAreGivenUp() async throws {
    let server = try await LoopbackServer { request in
      let next = request.path == "/circle" ? "/circle" : request.path + "x"
      return .text(301, "", headers: [("Location", next)])
    }
    let circle = await exchange.send(HTTPRequestSpec(url: server.url("/circle"), followsRedirects: true)).end
    #expect(circle.failure == "the server redirected in a circle")
    let longer = await exchange.send(HTTPRequestSpec(url: server.url("/"), followsRedirects: true)).end
    #expect(longer.failure == "the server redirected more than 10 times")
    try await server.stop()
  }

  @Test func silenceAndAHalfAnswerTimeOut() async throws {
    let server = try await LoopbackServer { $0.path == "/silent" ? .silence : .beginning }
    let silent = await exchange.send(HTTPRequestSpec(url: server.url("/silent"), timeout: 150))
    #expect(silent.end.failure == "timed out after 150 ms")
    let half = await exchange.send(HTTPRequestSpec(url: server.url("/half"), timeout: 150))
    #expect(half.end.failure == "timed out after 150 ms")
    #expect(half.recorder.text == "beginning")
    await server.wait { $0.closed == 2 }
    try await server.stop()
  }

  @Test func theTimeoutCoversARedirection() async throws {
    let server = try await LoopbackServer { request in
      request.path == "/from" ? .text(307, "", headers: [("Location", "/silent")]) : .silence
    }
    let (end, recorder) = await exchange.send(
      HTTPRequestSpec(url: server.url("/from"), followsRedirects: true, timeout: 150))
    #expect(end.failure == "timed out after 150 ms")
    #expect(recorder.endCount == 1)
    try await server.stop()
  }

  @Test func aTimeoutOfAgesOrOfNothingIsNoFault() async throws {
    let server = try await LoopbackServer { _ in .text(200, "") }
    #expect(await exchange.send(HTTPRequestSpec(url: server.url("/"), timeout: .max)).end.status == 200)
    #expect(await exchange.send(HTTPRequestSpec(url: server.url("/"), timeout: 0)).end.failure == "timed out after 0 s")
    try await server.stop()
  }

  @Test func cancellingEndsTheExchangeAndItsConnection() async throws {
    let server = try await LoopbackServer { _ in .beginning }
    let recorder = ExchangeRecorder()
    let task = exchange.start(HTTPRequestSpec(url: server.url("/")), observer: recorder)
    await recorder.firstPart()
    task.cancel()
    #expect(await recorder.end().isCancelled)
    await server.wait { $0.closed == 1 }
    task.cancel()
    #expect(recorder.endCount == 1 && !recorder.heardBodyAfterEnd)
    try await server.stop()
  }

  @Test func cancellingDuringARedirectionEndsIt() async throws {
    let server = try await LoopbackServer { request in
      request.path == "/from" ? .text(302, "", headers: [("Location", "/half")]) : .beginning
    }
    let recorder = ExchangeRecorder()
    let task = exchange.start(HTTPRequestSpec(url: server.url("/from"), followsRedirects: true), observer: recorder)
    await recorder.firstPart()
    task.cancel()
    #expect(await recorder.end().isCancelled)
    try await server.stop()
  }

  @Test func aRequestIsSentOnceEvenIfTheServerHangsUp() async throws {
    let server = try await LoopbackServer { $0.path == "/broken" ? .brokenOff : .close }
    for path in ["/broken", "/close"] {
      let end = await exchange.send(HTTPRequestSpec(url: server.url(path))).end
      #expect(end.failure?.contains("the server closed the connection") == true)
    }
    #expect(server.tally.requests.count == 2)
    try await server.stop()
  }

  @Test func everyRequestHasAConnectionOfItsOwn() async throws {
    let server = try await LoopbackServer { _ in .text(200, "ok") }
    for _ in 0..<3 { #expect(await exchange.send(HTTPRequestSpec(url: server.url("/"))).end.status == 200) }
    #expect(server.tally.connections == 3)
    await server.wait { $0.closed == 3 }
    try await server.stop()
  }

  @Test func manyExchangesAtOnceEachGetTheirOwnAnswer() async throws {
    let server = try await LoopbackServer { .text(200, $0.path) }
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<60 {
        group.addTask {
          let (end, recorder) = await exchange.send(HTTPRequestSpec(url: server.url("/\(number)")))
          #expect(end.status == 200)
          #expect(recorder.text == "/\(number)")
        }
      }
    }
    try await server.stop()
  }

  @Test func whatCannotBeConnectedToSaysWhy() async throws {
    // One that nobody listens on, and that nobody else is given.
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = bind(descriptor, pointer, length)
        _ = getsockname(descriptor, pointer, &length)
      }
    }
    let port = UInt16(bigEndian: address.sin_port)
    let refused = await exchange.send(HTTPRequestSpec(url: "http://127.0.0.1:\(port)/")).end
    #expect(refused.failure == "no connection to 127.0.0.1:\(port): connection refused")
    let byName = await exchange.send(HTTPRequestSpec(url: "http://localhost:\(port)/")).end
    #expect(byName.failure == "no connection to localhost:\(port): connection refused")
    let unknown = await exchange.send(HTTPRequestSpec(url: "http://no-such-host.invalid/")).end
    #expect(unknown.failure == "the name no-such-host.invalid could not be resolved")
  }

  @Test func whatCannotBeSentSaysWhy() async throws {
    func reason(_ spec: HTTPRequestSpec) async -> String { await exchange.send(spec).end.failure ?? "sent" }
    #expect(await reason(HTTPRequestSpec(url: "ftp://a/b")).contains("must begin with http:// or https://"))
    #expect(await reason(HTTPRequestSpec(url: "/path")).contains("must begin with http:// or https://"))
    #expect(await reason(HTTPRequestSpec(url: "http://")).contains("is not valid"))
    #expect(await reason(HTTPRequestSpec(url: "http:///x")).contains("is not valid"))
    #expect(await reason(HTTPRequestSpec(url: "http://a b/")).contains("is not valid"))
    #expect(await reason(HTTPRequestSpec(method: "GE T", url: "http://a/")) == "\"GE T\" is not an HTTP method")
    #expect(await reason(HTTPRequestSpec(url: "http://a/", headers: [("A B", "c")])).contains("name of a header field"))
    let secret = await reason(HTTPRequestSpec(url: "http://a/", headers: [("Token", "secret\r\nX: y")]))
    #expect(secret.contains("Token") && !secret.contains("secret"))
    #expect(await reason(HTTPRequestSpec(url: "https://a/", caFile: "/no/such")).contains("/no/such cannot be read"))
    #expect(await reason(HTTPRequestSpec(url: "https://a/", caFile: "/dev/null")).contains("/dev/null cannot be read"))
  }

  @Test(.reapingOrphans) func memoryStaysFlatWhileAServerSends200MB() async {
    await #expect(processExitsWith: .success) {
      func resident() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [UInt8](repeating: 0, count: 256)
        let count = fread(&line, 1, 256, file)
        return Int(String(decoding: line[..<count], as: UTF8.self).split(separator: " ")[1]) ?? 0
      }
      let server = try await LoopbackServer { $0.path == "/" ? .zeros(200_000_000) : .text(200, "") }
      let exchange = HTTPExchange()
      _ = await exchange.send(HTTPRequestSpec(url: server.url("/first")))
      let before = resident()
      let recorder = ExchangeRecorder(keepsBody: false)
      _ = exchange.start(HTTPRequestSpec(url: server.url("/")), observer: recorder)
      let end = await recorder.end()
      precondition(end.status == 200 && recorder.byteCount == 200_000_000)
      let grown = (resident() - before) * 4_096
      precondition(grown < 32 << 20)
    }
  }

  @Test func shutDownCancelsWhatIsGoingOnAndNothingIsStartedAfterwards() async throws {
    let server = try await LoopbackServer { _ in .beginning }
    let recorders = (0..<5).map { _ in ExchangeRecorder() }
    for recorder in recorders { _ = exchange.start(HTTPRequestSpec(url: server.url("/")), observer: recorder) }
    await recorders[0].firstPart()
    let fresh = ExchangeRecorder()
    _ = exchange.start(HTTPRequestSpec(url: server.url("/")), observer: fresh)
    exchange.shutDown()
    for recorder in recorders + [fresh] { #expect(recorder.endCount == 1) }
    for recorder in recorders + [fresh] { #expect(await recorder.end().isCancelled) }
    #expect(await exchange.send(HTTPRequestSpec(url: server.url("/"))).end.isCancelled)
    exchange.shutDown()
    try await server.stop()
  }

  @Test(.reapingOrphans) func theOnlyThreadIsMadeByTheFirstStartAndGoneAfterTheShutdown() async {
    await #expect(processExitsWith: .success) {
      func threads() -> Int {
        guard let directory = opendir("/proc/self/task") else { return 0 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
          let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map { $0 } }
          if let first = name.first, first != UInt8(ascii: ".") {
            let path = "/proc/self/task/" + String(decoding: name, as: UTF8.self) + "/comm"
            guard let file = fopen(path, "r") else { continue }
            var text = [UInt8](repeating: 0, count: 32)
            let length = fread(&text, 1, 32, file)
            fclose(file)
            if String(decoding: text[..<length], as: UTF8.self).hasPrefix("NIO-ELT") { count += 1 }
          }
        }
        return count
      }
      let exchange = HTTPExchange()
      precondition(threads() == 0)
      _ = await exchange.send(HTTPRequestSpec(url: "http://127.0.0.1:1/"))
      precondition(threads() == 1)
      exchange.shutDown()
      precondition(threads() == 0)
    }
  }
}

import CanonicalJSON
import NIOCore
import NIOHTTP1

/// Answers a connection's requests.
final class APIHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let cluster: Cluster
  private var head: HTTPRequestHead?
  private var body: [UInt8] = []
  private var watcher: Int?

  init(_ cluster: Cluster) { self.cluster = cluster }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      self.head = head
      body = []
    case .body(let part): body += part.readableBytesView
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if let watcher { cluster.unwatch(watcher) }
    context.fireChannelInactive()
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let target = Target(head.uri)
    cluster.record(target.request(head.method, body: String(decoding: body, as: UTF8.self)))
    if let discovery = Resource.discovery(at: target.path) { return send(.ok, discovery, context) }
    guard let place = target.place else { return fail(.notFound, "NotFound", "\(target.path) is not served", context) }
    guard let name = place.name else {
      guard
        let selection = Selection(
          namespace: place.namespace, labels: target.value("labelSelector"), fields: target.value("fieldSelector"))
      else { return fail(.badRequest, "BadRequest", "the selector is not understood", context) }
      guard head.method == .GET else {
        return fail(.methodNotAllowed, "MethodNotAllowed", "\(head.method) of a list is not served", context)
      }
      if ["true", "1"].contains(target.value("watch")) {
        return watch(place.resource, selection, from: target.value("resourceVersion"), context)
      }
      let (objects, version) = cluster.list(place.resource, selection)
      return send(
        .ok,
        .of([
          "kind": .string(place.resource.kind + "List"), "apiVersion": .string(place.resource.version),
          "metadata": .of(["resourceVersion": .string(String(version))]), "items": .array(objects),
        ]), context)
    }
    let key = Cluster.Key(
      resource: place.resource, namespace: place.namespace ?? "", name: name)
    switch (head.method, place.part) {
    case (.GET, nil): reply(cluster.object(key), key, context)
    case (.GET, "log") where place.resource == .pods: log(key, previous: target.value("previous") == "true", context)
    case (.GET, "scale"): reply(cluster.object(key).map(Self.scale), key, context)
    case (.DELETE, nil):
      reply(
        target.value("dryRun") == nil ? cluster.delete(key) : cluster.object(key), key, context)
    case (.PATCH, let part) where part == nil || part == "scale":
      patch(key, head, part, isDryRun: target.value("dryRun") != nil, context)
    case (.PUT, nil):
      guard let new = try? JSON.parse(body) else { return fail(.badRequest, "BadRequest", "not JSON", context) }
      reply(cluster.change(key) { old in new.setting("metadata", "uid", to: old.at("metadata", "uid")) }, key, context)
    case (.PUT, "scale"):
      guard let replicas = (try? JSON.parse(body))?.at("spec", "replicas") else {
        return fail(.badRequest, "BadRequest", "no replicas", context)
      }
      reply(cluster.change(key) { $0.setting("spec", "replicas", to: replicas) }.map(Self.scale), key, context)
    default: fail(.methodNotAllowed, "MethodNotAllowed", "\(head.method) is not served here", context)
    }
  }

  private func patch(
    _ key: Cluster.Key, _ head: HTTPRequestHead, _ part: String?, isDryRun: Bool, _ context: ChannelHandlerContext
  ) {
    guard let patch = try? JSON.parse(body) else { return fail(.badRequest, "BadRequest", "not JSON", context) }
    let kind = head.headers.first(name: "content-type") ?? ""
    var isUnderstood = true
    let changed = cluster.change(key, isDryRun: isDryRun) { old in
      let subject = part == nil ? old : Self.scale(old)
      var new: JSON?
      switch kind {
      case "application/json-patch+json": new = subject.applying(patch.array ?? [])
      case "application/merge-patch+json": new = subject.merging(patch, strategic: false)
      case "application/strategic-merge-patch+json": new = subject.merging(patch, strategic: true)
      default: new = nil
      }
      isUnderstood = new != nil
      guard part != nil else { return new }
      return new.map { old.setting("spec", "replicas", to: $0.at("spec", "replicas")) }
    }
    if !isUnderstood { return fail(.unsupportedMediaType, "UnsupportedMediaType", "the patch \(kind)", context) }
    reply(part == nil ? changed : changed.map(Self.scale), key, context)
  }

  /// What a pod's container wrote, as plain text.
  private func log(_ key: Cluster.Key, previous: Bool, _ context: ChannelHandlerContext) {
    guard let pod = cluster.object(key) else { return reply(nil, key, context) }
    let app = pod.at("metadata", "labels", "app")?.string ?? ""
    let log = cluster.state.withLock { $0.logs["\(key.namespace)/\(app)"] } ?? Cluster.Log()
    if previous, pod.at("status", "containerStatuses")?.array?.first?["lastState"] == nil {
      return fail(.badRequest, "BadRequest", "previous terminated container in pod \"\(key.name)\" not found", context)
    }
    send(.ok, Array((previous ? log.previous : log.current).utf8), "text/plain", context)
  }

  private static func scale(_ object: JSON) -> JSON {
    .of([
      "kind": .string("Scale"), "apiVersion": .string("autoscaling/v1"), "metadata": object["metadata"] ?? .null,
      "spec": .of(["replicas": object.at("spec", "replicas") ?? .int(1)]),
      "status": .of(["replicas": object.at("status", "replicas") ?? .int(0)]),
    ])
  }

  // MARK: Answers

  private func reply(_ object: JSON?, _ key: Cluster.Key, _ context: ChannelHandlerContext) {
    if let object { return send(.ok, object, context) }
    fail(.notFound, "NotFound", "\(key.resource.qualifiedName) \"\(key.name)\" not found", context)
  }

  private func fail(
    _ status: HTTPResponseStatus, _ reason: String, _ message: String, _ context: ChannelHandlerContext
  ) {
    send(
      status,
      .of([
        "kind": .string("Status"), "apiVersion": .string("v1"), "status": .string("Failure"),
        "reason": .string(reason), "message": .string(message), "code": .int(Int64(status.code)),
      ]), context)
  }

  private func send(_ status: HTTPResponseStatus, _ json: JSON, _ context: ChannelHandlerContext) {
    send(status, json.canonicalBytes(), "application/json", context)
  }

  private func send(_ status: HTTPResponseStatus, _ bytes: [UInt8], _ type: String, _ context: ChannelHandlerContext) {
    let headers: HTTPHeaders = ["Content-Type": type, "Content-Length": String(bytes.count)]
    context.write(
      wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  /// A line for each change, until the client goes away.
  private func watch(
    _ resource: Resource, _ selection: Selection, from version: String?, _ context: ChannelHandlerContext
  ) {
    context.writeAndFlush(
      wrapOutboundOut(
        .head(HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Type": "application/json"]))),
      promise: nil)
    let channel = context.channel
    watcher = cluster.watch(from: version.flatMap { Int64($0) } ?? 0) { change in
      guard change.key.resource == resource, selection.takes(change.object) else { return }
      let line = JSON.of(["type": .string(change.type), "object": change.object]).canonicalBytes() + [0x0A]
      channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: line))), promise: nil)
    }
  }
}

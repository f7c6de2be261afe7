import CanonicalJSON
import Synchronization

/// The objects of a cluster, their history, and who watches them.
final class Cluster: Sendable {
  struct Key: Hashable, Sendable {
    var resource: Resource
    var namespace: String
    var name: String
  }

  /// What has pods, by the label `app` that they bear.
  struct Workload: Hashable, Sendable {
    var namespace: String
    var app: String
  }

  /// A change, as a watch tells of it.
  struct Change: Sendable {
    var version: Int64
    var type: String
    var key: Key
    var object: JSON
  }

  struct State: Sendable {
    var objects: [Key: JSON] = [:]
    var changes: [Change] = []
    var version: Int64 = 1
    /// Ticks since a pod was made.
    var ages: [Key: Int] = [:]
    var readyAfter = 3
    /// What stands behind the pods of a workload.
    var bodies: [Workload: PodBody] = [:]
    /// How far what stands behind a pod has come.
    var lives: [Key: Life] = [:]
    /// Pods whose container ends again and again, and how it ends.
    var crashing: [Key: String] = [:]
    /// What the containers of pods with a label `app` wrote, by namespace and application.
    var logs: [String: Log] = [:]
    var requests: [KubernetesStandIn.Request] = []
    var watchers: [Int: @Sendable (Change) -> Void] = [:]
    var lastWatcher = 0
    /// What starts the programs that are run in pods; nil where they are started by themselves.
    var starter: (@Sendable (Int) -> [String])?
    /// How many have been started by it.
    var starts = 0
  }

  /// What a container wrote, and what the one before it did that ended.
  struct Log: Sendable {
    var current = ""
    var previous = ""
  }

  let state = Mutex(State())

  /// What stands before the words of the next program that is run in a pod.
  func starter() -> [String] {
    state.withLock { state in
      guard let starter = state.starter else { return [] }
      state.starts += 1
      return starter(state.starts)
    }
  }

  func record(_ request: KubernetesStandIn.Request) { state.withLock { $0.requests.append(request) } }

  func object(_ key: Key) -> JSON? { state.withLock { $0.objects[key] } }

  /// The objects of a resource that a selection takes, in the order of their names, and the version they stand at.
  func list(_ resource: Resource, _ selection: Selection) -> (objects: [JSON], version: Int64) {
    state.withLock { state in (state.list(resource).filter(selection.takes), state.version) }
  }

  /// Tells of every change after a version, until the watcher is taken away.
  func watch(from version: Int64, _ tell: @escaping @Sendable (Change) -> Void) -> Int {
    state.withLock { state in
      for change in state.changes where change.version > version { tell(change) }
      state.lastWatcher += 1
      state.watchers[state.lastWatcher] = tell
      return state.lastWatcher
    }
  }

  func unwatch(_ watcher: Int) { state.withLock { $0.watchers[watcher] = nil } }

  /// Changes an object; what its `spec` was changed to is a new generation of it. Nil where there is none. A dry run gives
  /// what would be, and changes nothing.
  func change(_ key: Key, isDryRun: Bool = false, _ edit: (JSON) -> JSON?) -> JSON? {
    state.withLock { state in
      guard let old = state.objects[key], var new = edit(old) else { return nil }
      if new["spec"] != old["spec"] {
        new = new.setting("metadata", "generation", to: .int((old.at("metadata", "generation")?.int ?? 0) + 1))
      }
      if key.resource == .secrets { new = new.withPlainDataEncoded }
      return isDryRun ? new : state.put(key, new)
    }
  }

  /// The pod that a request is about which wants a part of it; nil where it does not run.
  func runningPod(_ target: Target, _ part: String) -> JSON? {
    guard let place = target.place, place.resource == .pods, place.part == part, let name = place.name,
      let pod = object(Key(resource: .pods, namespace: place.namespace ?? "", name: name)),
      pod.isReady
    else { return nil }
    return pod
  }

  func remove(_ key: Key) -> JSON? { state.withLock { $0.remove(key) } }

  /// Deletes an object; a pod with something behind it goes once that has ended.
  func delete(_ key: Key) -> JSON? { state.withLock { $0.delete(key) } }
}

extension Cluster.State {
  func list(_ resource: Resource) -> [JSON] {
    objects.filter { $0.key.resource == resource }
      .sorted { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) }.map(\.value)
  }

  /// Keeps an object where it differs from what is kept, and tells the watchers.
  @discardableResult
  mutating func put(_ key: Cluster.Key, _ object: JSON) -> JSON {
    let old = objects[key]
    if old == object { return object }
    version += 1
    var object = object.setting("metadata", "resourceVersion", to: .string(String(version)))
    if object.at("metadata", "uid") == nil {
      object = object.setting("metadata", "uid", to: .string("uid-\(version)"))
        .setting("metadata", "creationTimestamp", to: .string(Clock.now()))
    }
    objects[key] = object
    tell(old == nil ? "ADDED" : "MODIFIED", key, object)
    return object
  }

  mutating func remove(_ key: Cluster.Key) -> JSON? {
    guard let object = objects.removeValue(forKey: key) else { return nil }
    ages[key] = nil
    lives[key] = nil
    crashing[key] = nil
    version += 1
    tell("DELETED", key, object.setting("metadata", "resourceVersion", to: .string(String(version))))
    return object
  }

  mutating func delete(_ key: Cluster.Key) -> JSON? {
    guard let object = objects[key], let life = lives[key], life != .failed else { return remove(key) }
    return put(key, object.setting("metadata", "deletionTimestamp", to: .string(Clock.now())))
  }

  private mutating func tell(_ type: String, _ key: Cluster.Key, _ object: JSON) {
    let change = Cluster.Change(version: version, type: type, key: key, object: object)
    changes.append(change)
    for watcher in watchers.values { watcher(change) }
  }
}

/// Which objects a list or a watch is about.
struct Selection: Sendable {
  var namespace: String?
  /// Paths of keys and what must stand there.
  var conditions: [(path: [String], value: String)] = []

  /// Nil where a selector is of a kind that is not understood.
  init?(namespace: String?, labels: String?, fields: String?) {
    self.namespace = namespace
    for (selector, prefix) in [(labels, ["metadata", "labels"]), (fields, [])] {
      for term in (selector ?? "").split(separator: ",") {
        let parts = term.split(separator: "=", omittingEmptySubsequences: true).map(String.init)
        guard parts.count == 2, !parts[0].hasSuffix("!"), !parts[0].contains(" ") else { return nil }
        let path = prefix.isEmpty ? parts[0].split(separator: ".").map(String.init) : prefix + [parts[0]]
        conditions.append((path, parts[1]))
      }
    }
  }

  func takes(_ object: JSON) -> Bool {
    if let namespace, object.at("metadata", "namespace")?.string != namespace { return false }
    return conditions.allSatisfy { condition in
      var value: JSON? = object
      for key in condition.path { value = value?[key] }
      return value?.string == condition.value
    }
  }
}

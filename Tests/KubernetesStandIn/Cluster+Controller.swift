import CanonicalJSON

/// What a cluster's controllers do, in ticks: replica sets follow a deployment's template, pods follow replica sets,
/// endpoint slices follow services, and a pod is ready some ticks after it was made, unless its image cannot be had or crashes.
/// Pods of a stateful set have names, and are not made anew when its template changes.
extension Cluster {
  func tick() {
    state.withLock { state in
      for deployment in state.list(.deployments) { state.follow(deployment) }
      for set in state.list(.replicasets) { state.fill(set) }
      for set in state.list(.statefulsets) { state.fillByName(set) }
      for pod in state.list(.pods) { state.age(pod) }
      for resource in [Resource.replicasets, .statefulsets] {
        for set in state.list(resource) { state.count(resource, set) }
      }
      for deployment in state.list(.deployments) { state.report(deployment) }
      for service in state.list(.services) { state.slice(service) }
    }
    animate()
  }
}

extension Cluster.State {
  private static let revision = "deployment.kubernetes.io/revision"

  func key(_ resource: Resource, _ object: JSON) -> Cluster.Key {
    Cluster.Key(
      resource: resource, namespace: object.at("metadata", "namespace")?.string ?? "",
      name: object.at("metadata", "name")?.string ?? "")
  }

  private func owned(_ resource: Resource, by owner: JSON) -> [JSON] {
    list(resource).filter {
      $0.at("metadata", "ownerReferences")?.array?.first?["uid"] == owner.at("metadata", "uid")
    }
  }

  private static func revision(_ object: JSON) -> Int {
    object.at("metadata", "annotations", revision)?.string.flatMap { Int($0) } ?? 0
  }

  /// The same template has the same hash: FNV-1a, in letters and digits.
  private static func hash(_ template: JSON) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in template.canonicalBytes() { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(String(hash, radix: 36).suffix(9))
  }

  private static func owner(_ kind: String, _ object: JSON) -> JSON {
    .array([
      .of([
        "apiVersion": .string("apps/v1"), "kind": .string(kind), "controller": .bool(true),
        "name": object.at("metadata", "name") ?? .null, "uid": object.at("metadata", "uid") ?? .null,
      ])
    ])
  }

  /// A replica set for the template, with the newest revision; those before it go once it is ready.
  fileprivate mutating func follow(_ deployment: JSON) {
    guard let template = deployment.at("spec", "template") else { return }
    // An undo writes the label of the set that it goes back to into nothing: the hash is over the rest.
    let plain = template.setting("metadata", "labels", "pod-template-hash", to: nil).pruned
    let hash = Self.hash(plain)
    let sets = owned(.replicasets, by: deployment)
    let newest = sets.map(Self.revision).max() ?? 0
    let replicas = deployment.at("spec", "replicas") ?? .int(1)
    let name = "\(deployment.at("metadata", "name")?.string ?? "")-\(hash)"
    let namespace = deployment.at("metadata", "namespace")?.string ?? ""
    var current = sets.first { $0.at("metadata", "name")?.string == name }
    if current == nil {
      let labelled = plain.setting("metadata", "labels", "pod-template-hash", to: .string(hash))
      current = .of([
        "apiVersion": .string("apps/v1"), "kind": .string("ReplicaSet"),
        "metadata": .of([
          "name": .string(name), "namespace": .string(namespace), "generation": .int(1),
          "labels": labelled.at("metadata", "labels") ?? .object([]), "annotations": .object([]),
          "ownerReferences": Self.owner("Deployment", deployment),
        ]),
        "spec": .of([
          "replicas": replicas, "template": labelled,
          "selector": .of(["matchLabels": labelled.at("metadata", "labels") ?? .object([])]),
        ]),
        "status": .of(["replicas": .int(0)]),
      ])
    }
    guard var current else { return }
    let isNewest = Self.revision(current) == newest && newest > 0
    let revision = String(isNewest ? newest : newest + 1)
    current = current.setting("metadata", "annotations", Self.revision, to: .string(revision))
      .setting("spec", "replicas", to: replicas)
    put(Cluster.Key(resource: .replicasets, namespace: namespace, name: name), current)
    put(
      key(.deployments, deployment),
      deployment.setting("metadata", "annotations", Self.revision, to: .string(revision)))
    guard (current.at("status", "readyReplicas")?.int ?? 0) >= (replicas.int ?? 0) else { return }
    for set in sets where set.at("metadata", "name")?.string != name {
      put(key(.replicasets, set), set.setting("spec", "replicas", to: .int(0)))
    }
  }

  /// As many pods as the set wants.
  fileprivate mutating func fill(_ set: JSON) {
    let pods = owned(.pods, by: set).filter { $0.at("metadata", "deletionTimestamp") == nil }
    let wanted = Int(set.at("spec", "replicas")?.int ?? 0)
    for pod in pods.dropFirst(wanted) { _ = delete(key(.pods, pod)) }
    guard pods.count < wanted, let template = set.at("spec", "template") else { return }
    for _ in pods.count..<wanted {
      let name = "\(set.at("metadata", "name")?.string ?? "")-\(String(version + 60_000, radix: 36))"
      let namespace = set.at("metadata", "namespace")?.string ?? ""
      let metadata = (template["metadata"] ?? .object([])).setting("name", to: .string(name))
        .setting("namespace", to: .string(namespace)).setting("ownerReferences", to: Self.owner("ReplicaSet", set))
      let pod = JSON.of([
        "apiVersion": .string("v1"), "kind": .string("Pod"), "metadata": metadata,
        "spec": template["spec"] ?? .object([]), "status": .of(["phase": .string("Pending")]),
      ])
      put(Cluster.Key(resource: .pods, namespace: namespace, name: name), pod)
      note(set, "SuccessfulCreate", "Created pod: \(name)", of: "ReplicaSet")
    }
  }

  /// The pods NAME-0, NAME-1, … that a stateful set wants, or from another number on; one that goes is awaited before it is made again.
  fileprivate mutating func fillByName(_ set: JSON) {
    let namespace = set.at("metadata", "namespace")?.string ?? ""
    let base = set.at("metadata", "name")?.string ?? ""
    let wanted = Int(set.at("spec", "replicas")?.int ?? 0)
    let first = Int(set.at("spec", "ordinals", "start")?.int ?? 0)
    let names = (first..<(first + wanted)).map { "\(base)-\($0)" }
    for pod in owned(.pods, by: set) where pod.at("metadata", "deletionTimestamp") == nil {
      if !names.contains(pod.at("metadata", "name")?.string ?? "") { _ = delete(key(.pods, pod)) }
    }
    for name in names where objects[Cluster.Key(resource: .pods, namespace: namespace, name: name)] == nil {
      let template = set.at("spec", "template") ?? .object([])
      let metadata = (template["metadata"] ?? .object([])).setting("name", to: .string(name))
        .setting("labels", "statefulset.kubernetes.io/pod-name", to: .string(name))
        .setting("namespace", to: .string(namespace)).setting("ownerReferences", to: Self.owner("StatefulSet", set))
      put(
        Cluster.Key(resource: .pods, namespace: namespace, name: name),
        .of([
          "apiVersion": .string("v1"), "kind": .string("Pod"), "metadata": metadata,
          "spec": template["spec"] ?? .object([]), "status": .of(["phase": .string("Pending")]),
        ]))
      note(set, "SuccessfulCreate", "create Pod \(name)", of: "StatefulSet")
    }
  }

  fileprivate mutating func count(_ resource: Resource, _ set: JSON) {
    let pods = owned(.pods, by: set)
    let ready = JSON.int(Int64(pods.filter(\.isReady).count))
    put(
      key(resource, set),
      set.setting(
        "status",
        to: .of([
          "replicas": .int(Int64(pods.count)), "readyReplicas": ready, "availableReplicas": ready,
          "observedGeneration": set.at("metadata", "generation") ?? .int(1),
        ])))
  }

  fileprivate mutating func report(_ deployment: JSON) {
    let sets = owned(.replicasets, by: deployment)
    func sum(_ name: String, of sets: [JSON]) -> Int64 { sets.reduce(0) { $0 + ($1.at("status", name)?.int ?? 0) } }
    let newest = sets.max { Self.revision($0) < Self.revision($1) }
    let wanted = deployment.at("spec", "replicas")?.int ?? 1
    let available = sum("availableReplicas", of: sets)
    let isAvailable = JSON.string(available >= wanted ? "True" : "False")
    let updated = sum("replicas", of: newest.map { [$0] } ?? [])
    let progress = Self.progress(
      of: deployment, to: newest?.at("metadata", "name")?.string ?? "",
      isOver: available >= wanted && updated == wanted && sum("replicas", of: sets) == updated)
    put(
      key(.deployments, deployment),
      deployment.setting(
        "status",
        to: .of([
          "observedGeneration": deployment.at("metadata", "generation") ?? .int(1),
          "replicas": .int(sum("replicas", of: sets)),
          "updatedReplicas": .int(updated),
          "readyReplicas": .int(sum("readyReplicas", of: sets)), "availableReplicas": .int(available),
          "unavailableReplicas": .int(max(0, wanted - available)),
          "conditions": .array([
            .of(["type": .string("Available"), "status": isAvailable, "reason": .string("MinimumReplicasAvailable")]),
            progress,
          ]),
        ])))
  }

  /// The condition that says whether a rollout is over: once it was, it stays so until there is another replica set.
  private static func progress(of deployment: JSON, to set: String, isOver: Bool) -> JSON {
    let message = "ReplicaSet \"\(set)\" has successfully progressed."
    let before = deployment.at("status", "conditions")?.array?.first { $0["type"]?.string == "Progressing" }
    if let before, before["message"]?.string == message { return before }
    return .of([
      "type": .string("Progressing"), "status": .string("True"),
      "reason": .string(isOver ? "NewReplicaSetAvailable" : "ReplicaSetUpdated"),
      "message": .string(isOver ? message : "ReplicaSet \"\(set)\" is progressing."),
    ])
  }

  /// An event about an object.
  mutating func note(_ object: JSON, _ reason: String, _ message: String, of kind: String) {
    let namespace = object.at("metadata", "namespace")?.string ?? ""
    let name = "\(object.at("metadata", "name")?.string ?? "").\(version)"
    put(
      Cluster.Key(resource: .events, namespace: namespace, name: name),
      .of([
        "apiVersion": .string("v1"), "kind": .string("Event"),
        "metadata": .of(["name": .string(name), "namespace": .string(namespace)]),
        "involvedObject": .of([
          "kind": .string(kind), "namespace": .string(namespace), "name": object.at("metadata", "name") ?? .null,
          "uid": object.at("metadata", "uid") ?? .null,
        ]),
        "reason": .string(reason), "message": .string(message), "count": .int(1),
        "type": .string(["Failed", "BackOff"].contains(reason) ? "Warning" : "Normal"),
        "lastTimestamp": .string(Clock.now()),
      ]))
  }
}

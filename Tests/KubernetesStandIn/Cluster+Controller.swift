import CanonicalJSON

/// What a cluster's controllers do, in ticks: replica sets follow a deployment's template, pods follow replica sets,
/// endpoint slices follow services, and a pod is ready some ticks after it was made, unless its image cannot be had or crashes.
extension Cluster {
  func tick() {
    state.withLock { state in
      for deployment in state.list(.deployments) { state.follow(deployment) }
      for set in state.list(.replicasets) { state.fill(set) }
      for pod in state.list(.pods) { state.age(pod) }
      for service in state.list(.services) { state.slice(service) }
      for set in state.list(.replicasets) { state.count(set) }
      for deployment in state.list(.deployments) { state.report(deployment) }
    }
  }
}

extension Cluster.State {
  private static let revision = "deployment.kubernetes.io/revision"

  private func key(_ resource: Resource, _ object: JSON) -> Cluster.Key {
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
    let pods = owned(.pods, by: set)
    let wanted = Int(set.at("spec", "replicas")?.int ?? 0)
    for pod in pods.dropFirst(wanted) { _ = remove(key(.pods, pod)) }
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

  fileprivate mutating func age(_ pod: JSON) {
    let key = key(.pods, pod)
    let age = (ages[key] ?? 0) + 1
    ages[key] = age
    let containers = pod.at("spec", "containers")?.array ?? []
    let isBad = containers.contains { $0["image"]?.string?.contains("does-not-exist") == true }
    if isBad, age == 1 {
      let image = containers.first?["image"]?.string ?? ""
      note(pod, "Failed", "Failed to pull image \"\(image)\": not found", of: "Pod")
    }
    let crashes = containers.contains { $0["image"]?.string?.contains("crashes") == true } && age >= readyAfter
    // What was ready once stays so.
    let isReady = !crashes && (pod.isReady || !isBad && age >= readyAfter)
    let truth = JSON.string(isReady ? "True" : "False")
    let old = pod.at("status", "containerStatuses")?.array?.first
    if crashes, old?["lastState"] == nil {
      note(pod, "BackOff", "Back-off restarting failed container", of: "Pod")
    }
    let statuses = containers.map { container in
      var status = JSON.of([
        "name": container["name"] ?? .null, "image": container["image"] ?? .null, "ready": .bool(isReady),
        "restartCount": .int(crashes ? 5 : 0), "imageID": .string(""),
        "state": isReady
          ? .of(["running": .of(["startedAt": .string("2026-01-12T03:14:00Z")])])
          : .of([
            "waiting": .of([
              "reason": .string(isBad ? "ImagePullBackOff" : crashes ? "CrashLoopBackOff" : "ContainerCreating")
            ])
          ]),
      ])
      if crashes {
        let end = JSON.of(["reason": .string("Error"), "exitCode": .int(1), "finishedAt": .string(Clock.now())])
        status = status.setting("lastState", to: old?["lastState"] ?? .of(["terminated": end]))
      }
      return status
    }
    put(
      key,
      pod.setting(
        "status",
        to: .of([
          "phase": .string(isReady || crashes ? "Running" : "Pending"), "containerStatuses": .array(statuses),
          "conditions": .array([
            .of(["type": .string("Ready"), "status": truth]),
            .of(["type": .string("ContainersReady"), "status": truth]),
          ]),
        ])))
  }

  /// The pods that a service leads to.
  fileprivate mutating func slice(_ service: JSON) {
    let name = service.at("metadata", "name")?.string ?? ""
    let namespace = service.at("metadata", "namespace")?.string ?? ""
    let wanted = service.at("spec", "selector")?.members ?? []
    let pods = list(.pods).filter { pod in
      pod.at("metadata", "namespace")?.string == namespace && !wanted.isEmpty
        && wanted.allSatisfy { pod.at("metadata", "labels")?[$0.key] == $0.value }
    }
    let endpoints = pods.map { pod in
      JSON.of([
        "addresses": .array([.string("10.0.0.2")]), "conditions": .of(["ready": .bool(pod.isReady)]),
        "targetRef": .of(["kind": .string("Pod"), "name": pod.at("metadata", "name") ?? .null]),
      ])
    }
    let slice = JSON.of([
      "apiVersion": .string("discovery.k8s.io/v1"), "kind": .string("EndpointSlice"), "addressType": .string("IPv4"),
      "metadata": .of([
        "name": .string(name + "-slice"), "namespace": .string(namespace),
        "labels": .of(["kubernetes.io/service-name": .string(name)]),
      ]),
      "endpoints": .array(endpoints),
    ])
    let key = Cluster.Key(resource: .endpointslices, namespace: namespace, name: name + "-slice")
    if objects[key]?["endpoints"] != slice["endpoints"] { put(key, slice) }
  }

  fileprivate mutating func count(_ set: JSON) {
    let pods = owned(.pods, by: set)
    let ready = JSON.int(Int64(pods.filter(\.isReady).count))
    put(
      key(.replicasets, set),
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
    put(
      key(.deployments, deployment),
      deployment.setting(
        "status",
        to: .of([
          "observedGeneration": deployment.at("metadata", "generation") ?? .int(1),
          "replicas": .int(sum("replicas", of: sets)),
          "updatedReplicas": .int(sum("replicas", of: newest.map { [$0] } ?? [])),
          "readyReplicas": .int(sum("readyReplicas", of: sets)), "availableReplicas": .int(available),
          "unavailableReplicas": .int(max(0, wanted - available)),
          "conditions": .array([
            .of(["type": .string("Available"), "status": isAvailable, "reason": .string("MinimumReplicasAvailable")]),
            .of(["type": .string("Progressing"), "status": .string("True"), "reason": .string("ReplicaSetUpdated")]),
          ]),
        ])))
  }

  /// An event about an object.
  private mutating func note(_ object: JSON, _ reason: String, _ message: String, of kind: String) {
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

extension JSON {
  /// Whether a pod is ready.
  var isReady: Bool {
    (at("status", "conditions")?.array ?? []).contains {
      $0["type"]?.string == "Ready" && $0["status"]?.string == "True"
    }
  }
}

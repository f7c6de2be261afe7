import CanonicalJSON
import NIOPosix

/// What becomes of pods, in ticks: what stands behind them is started and ended, and what is seen of it is their status.
extension Cluster {
  /// Starts and ends what stands behind pods, on threads that may wait.
  func animate() {
    let due = state.withLock { state in state.dueBodies() }
    for (key, pod, body, isStart) in due {
      NIOThreadPool.singleton.submit { [weak self] _ in
        if isStart {
          let isUp = body.start(pod)
          self?.state.withLock { $0.hasStarted(key, isUp) }
        } else {
          body.stop(pod)
          _ = self?.state.withLock { $0.remove(key) }
        }
      }
    }
  }
}

extension Cluster.State {
  /// Ticks from a container's crash to its next start.
  private static let backOff = 10

  /// What is to be started and ended now; it counts as begun.
  fileprivate mutating func dueBodies() -> [(Cluster.Key, PodBody.Pod, PodBody, isStart: Bool)] {
    var due: [(Cluster.Key, PodBody.Pod, PodBody, isStart: Bool)] = []
    for (key, object) in objects where key.resource == .pods {
      guard let body = bodies[Cluster.Workload(of: object)] else { continue }
      let isLeaving = object.at("metadata", "deletionTimestamp") != nil
      let isStart: Bool
      switch lives[key] {
      case nil where !isLeaving && crashing[key] == nil: isStart = true
      case .failed where !isLeaving && (ages[key] ?? 0) % Self.backOff == 0: isStart = true
      case .up where isLeaving: isStart = false
      default: continue
      }
      let container = object.at("spec", "containers")?.array?.first ?? .null
      let pod = PodBody.Pod(name: key.name, environment: environment(of: container, in: key.namespace))
      lives[key] = isStart ? .starting : .stopping
      due.append((key, pod, body, isStart))
    }
    return due
  }

  fileprivate mutating func hasStarted(_ key: Cluster.Key, _ isUp: Bool) {
    guard objects[key] != nil else { return }
    lives[key] = isUp ? .up : .failed
    // What was to go while it was being started goes now.
    if !isUp, objects[key]?.at("metadata", "deletionTimestamp") != nil { _ = remove(key) }
  }

  /// A pod's status, a tick later.
  mutating func age(_ pod: JSON) {
    let key = key(.pods, pod)
    let age = (ages[key] ?? 0) + 1
    ages[key] = age
    let containers = pod.at("spec", "containers")?.array ?? []
    func isMarked(_ word: String) -> Bool { containers.contains { $0["image"]?.string?.contains(word) == true } }
    let isMissing = isMarked("does-not-exist")
    let hasRoom = !isMarked("too-large")
    if isMissing, age == 1 {
      let image = containers.first?["image"]?.string ?? ""
      note(pod, "Failed", "Failed to pull image \"\(image)\": not found", of: "Pod")
    }
    if isMarked("crashes"), age >= readyAfter { crashing[key] = "Error" }
    let hasBody = bodies[Cluster.Workload(of: pod)] != nil
    // What was ready once stays so, until it crashes.
    let isUp = hasBody ? lives[key] == .up : pod.isReady || !isMissing && hasRoom && age >= readyAfter
    let crash = crashing[key] ?? (lives[key] == .failed ? "Error" : nil)
    let isReady = isUp && crash == nil
    let truth = JSON.string(isReady ? "True" : "False")
    let waiting = crash != nil ? "CrashLoopBackOff" : isMissing ? "ImagePullBackOff" : "ContainerCreating"
    let old = pod.at("status", "containerStatuses")?.array?.first
    if crash != nil, old?["lastState"] == nil {
      note(pod, "BackOff", "Back-off restarting failed container", of: "Pod")
    }
    let statuses = containers.map { container in
      var status = JSON.of([
        "name": container["name"] ?? .null, "image": container["image"] ?? .null, "ready": .bool(isReady),
        "restartCount": .int(crash == nil ? 0 : 5), "imageID": .string(""),
        "state": isReady
          ? .of(["running": .of(["startedAt": pod.at("metadata", "creationTimestamp") ?? .null])])
          : .of(["waiting": .of(["reason": .string(waiting)])]),
      ])
      if let crash {
        let end = JSON.of([
          "reason": .string(crash), "exitCode": .int(crash == "OOMKilled" ? 137 : 1),
          "finishedAt": .string(Clock.now()),
        ])
        status = status.setting("lastState", to: old?["lastState"] ?? .of(["terminated": end]))
      }
      return status
    }
    let scheduled = JSON.of(["type": .string("PodScheduled"), "status": .string(hasRoom ? "True" : "False")])
    put(
      key,
      pod.setting(
        "status",
        to: .of([
          "phase": .string(isReady || crash != nil ? "Running" : "Pending"), "containerStatuses": .array(statuses),
          "conditions": .array([
            hasRoom ? scheduled : scheduled.setting("reason", to: .string("Unschedulable")),
            .of(["type": .string("Ready"), "status": truth]),
            .of(["type": .string("ContainersReady"), "status": truth]),
          ]),
        ])))
  }

  /// The pods that a service leads to.
  mutating func slice(_ service: JSON) {
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
}

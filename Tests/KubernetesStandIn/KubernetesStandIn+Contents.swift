import CanonicalJSON

/// What a test puts into the cluster, and does to it.
extension KubernetesStandIn {
  /// Where a variable of a container comes from.
  public enum Variable: Sendable {
    /// A text.
    case value(String)
    /// A key of a secret in the same namespace.
    case secret(String, key: String)
  }

  /// From now on programs are run in pods by way of another one, so that it sees what they do.
  ///
  /// - Parameter words: What stands before the words of the program that is started as the first one, the second one, and so on.
  public func startPrograms(by words: @escaping @Sendable (Int) -> [String]) {
    cluster.state.withLock { state in
      state.starter = words
      state.starts = 0
    }
  }

  /// Makes a deployment whose pods are told apart by the label `app`; an image with `does-not-exist` in its name is never
  /// pulled, one with `distroless` has no shell, one with `crashes` ends again and again, and for one with `too-large` no node
  /// has room.
  public func deploy(
    _ name: String, in namespace: String, replicas: Int = 1, image: String = "registry/app:1",
    container: String = "app", variables: KeyValuePairs<String, Variable> = [:], body: PodBody? = nil
  ) {
    put(
      .deployments, name, in: namespace, replicas: replicas, image: image, container: container, variables: variables,
      body: body)
  }

  /// Makes a stateful set, whose pods are told apart by the label `app` and bear their own names as another one.
  public func deployByName(
    _ name: String, in namespace: String, replicas: Int = 1, image: String = "registry/app:1",
    container: String = "app", variables: KeyValuePairs<String, Variable> = [:], body: PodBody? = nil
  ) {
    put(
      .statefulsets, name, in: namespace, replicas: replicas, image: image, container: container, variables: variables,
      body: body)
  }

  private func put(
    _ resource: Resource, _ name: String, in namespace: String, replicas: Int, image: String, container: String,
    variables: KeyValuePairs<String, Variable>, body: PodBody?
  ) {
    let labels = JSON.of(["app": .string(name)])
    let environment = variables.map { variable in
      switch variable.value {
      case .value(let value): JSON.of(["name": .string(variable.key), "value": .string(value)])
      case .secret(let secret, let key):
        JSON.of([
          "name": .string(variable.key),
          "valueFrom": .of(["secretKeyRef": .of(["name": .string(secret), "key": .string(key)])]),
        ])
      }
    }
    var app = JSON.of(["name": .string(container), "image": .string(image)])
    if !environment.isEmpty { app = app.setting("env", to: .array(environment)) }
    cluster.state.withLock { state in
      if let body { state.bodies[Cluster.Workload(namespace: namespace, app: name)] = body }
      state.put(
        Cluster.Key(resource: .namespaces, namespace: "", name: namespace),
        .of([
          "apiVersion": .string("v1"), "kind": .string("Namespace"), "metadata": .of(["name": .string(namespace)]),
        ]))
      state.put(
        Cluster.Key(resource: resource, namespace: namespace, name: name),
        .of([
          "apiVersion": .string("apps/v1"), "kind": .string(resource.kind),
          "metadata": .of([
            "name": .string(name), "namespace": .string(namespace), "labels": labels, "generation": .int(1),
          ]),
          "spec": .of([
            "replicas": .int(Int64(replicas)), "selector": .of(["matchLabels": labels]),
            "template": .of([
              "metadata": .of(["labels": labels]), "spec": .of(["containers": .array([app])]),
            ]),
          ]),
        ]))
    }
  }

  /// Makes a pod that no deployment keeps, as those of a stateful set are called.
  public func runPod(
    _ name: String, in namespace: String, labels: [String: String] = [:], image: String = "registry/app:1",
    container: String = "app"
  ) {
    let labels = labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
    put(
      "pods", namespace, name,
      .of([
        "metadata": .of(["labels": .object(labels)]), "status": .of(["phase": .string("Pending")]),
        "spec": .of(["containers": .array([.of(["name": .string(container), "image": .string(image)])])]),
      ]))
  }

  /// Makes an object, or another in its place; version, kind, name and namespace are added to what is said of it.
  public func put(_ resource: String, _ namespace: String, _ name: String, _ content: JSON) {
    guard let resource = Resource(rawValue: resource) else { preconditionFailure("\(resource) are not kept") }
    let object = content.setting("apiVersion", to: .string(resource.version))
      .setting("kind", to: .string(resource.kind)).setting("metadata", "name", to: .string(name))
      .setting("metadata", "namespace", to: .string(namespace))
    cluster.state.withLock { state in
      _ = state.put(Cluster.Key(resource: resource, namespace: namespace, name: name), object)
    }
  }

  /// Takes an object away.
  public func remove(_ resource: String, _ namespace: String, _ name: String) {
    guard let resource = Resource(rawValue: resource) else { preconditionFailure("\(resource) are not kept") }
    _ = cluster.remove(Cluster.Key(resource: resource, namespace: namespace, name: name))
  }

  /// What `kubectl logs` shows of every pod with a label `app`, and with `--previous` of the container before.
  public func setLog(of app: String, in namespace: String, _ text: String = "", previous: String = "") {
    cluster.state.withLock { $0.logs["\(namespace)/\(app)"] = Cluster.Log(current: text, previous: previous) }
  }

  /// Makes a service for the pods that bear labels, those of a deployment of its name unless said; their ports are this
  /// machine's.
  public func expose(
    _ name: String, in namespace: String, port: Int, targetPort: Int, selecting labels: [String: String]? = nil
  ) {
    let labels = (labels ?? ["app": name]).sorted { $0.key < $1.key }
    cluster.state.withLock { state in
      _ = state.put(
        Cluster.Key(resource: .services, namespace: namespace, name: name),
        .of([
          "apiVersion": .string("v1"), "kind": .string("Service"),
          "metadata": .of(["name": .string(name), "namespace": .string(namespace)]),
          "spec": .of([
            "clusterIP": .string("10.0.0.1"),
            "selector": .object(labels.map { JSON.Member($0.key, .string($0.value)) }),
            "ports": .array([
              .of([
                "port": .int(Int64(port)), "targetPort": .int(Int64(targetPort)), "protocol": .string("TCP"),
              ])
            ]),
          ]),
        ]))
    }
  }

  /// Makes a secret of texts.
  public func keep(_ name: String, in namespace: String, _ data: [String: String]) {
    let data = data.sorted { $0.key < $1.key }
    cluster.state.withLock { state in
      _ = state.put(
        Cluster.Key(resource: .secrets, namespace: namespace, name: name),
        .of([
          "apiVersion": .string("v1"), "kind": .string("Secret"), "type": .string("Opaque"),
          "metadata": .of(["name": .string(name), "namespace": .string(namespace)]),
          "data": .object(data.map { JSON.Member($0.key, .string(Base64.encoded($0.value))) }),
        ]))
    }
  }

  /// What a secret holds; nil where there is none.
  public func secret(_ name: String, in namespace: String) -> [String: String]? {
    object("secrets", namespace, name)?.at("data")?.members.map { members in
      Dictionary(members.map { ($0.key, $0.value.string.flatMap(Base64.decoded) ?? "") }) { first, _ in first }
    }
  }

  /// Makes the containers of a workload's present pods crash, again and again; those of new pods do not.
  ///
  /// - Parameters:
  ///   - pod: The one pod; all of them unless said.
  ///   - reason: How they end: `Error` or `OOMKilled`.
  public func crash(_ app: String, in namespace: String, pod: String? = nil, reason: String = "Error") {
    cluster.state.withLock { state in
      let workload = Cluster.Workload(namespace: namespace, app: app)
      for (key, object) in state.objects where key.resource == .pods && Cluster.Workload(of: object) == workload {
        if pod == nil || pod == key.name { state.crashing[key] = reason }
      }
    }
  }
}

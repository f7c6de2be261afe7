import CanonicalJSON

/// The kinds of objects that the stand-in keeps.
enum Resource: String, CaseIterable, Sendable {
  case namespaces, pods, services, events, secrets, configmaps, persistentvolumeclaims
  case deployments, replicasets, statefulsets
  case endpointslices
  case jobs, cronjobs

  var kind: String {
    switch self {
    case .namespaces: "Namespace"
    case .pods: "Pod"
    case .services: "Service"
    case .events: "Event"
    case .secrets: "Secret"
    case .configmaps: "ConfigMap"
    case .persistentvolumeclaims: "PersistentVolumeClaim"
    case .deployments: "Deployment"
    case .replicasets: "ReplicaSet"
    case .statefulsets: "StatefulSet"
    case .endpointslices: "EndpointSlice"
    case .jobs: "Job"
    case .cronjobs: "CronJob"
    }
  }

  var version: String {
    switch self {
    case .namespaces, .pods, .services, .events, .secrets, .configmaps, .persistentvolumeclaims: "v1"
    case .deployments, .replicasets, .statefulsets: "apps/v1"
    case .endpointslices: "discovery.k8s.io/v1"
    case .jobs, .cronjobs: "batch/v1"
    }
  }

  /// The group; empty for the core.
  private static func group(_ version: String) -> String {
    version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
  }

  /// The name with its group, as messages have it.
  var qualifiedName: String {
    let group = Self.group(version)
    return group.isEmpty ? rawValue : "\(rawValue).\(group)"
  }

  private var shortNames: [String] {
    switch self {
    case .namespaces: ["ns"]
    case .pods: ["po"]
    case .services: ["svc"]
    case .events: ["ev"]
    case .configmaps: ["cm"]
    case .persistentvolumeclaims: ["pvc"]
    case .deployments: ["deploy"]
    case .replicasets: ["rs"]
    case .statefulsets: ["sts"]
    case .cronjobs: ["cj"]
    case .secrets, .endpointslices, .jobs: []
    }
  }

  /// What discovery says of the resources of a version: the APIResourceList of the Kubernetes API.
  static func discovery(of version: String) -> JSON {
    var resources: [JSON] = []
    for resource in allCases where resource.version == version {
      let verbs = ["create", "delete", "get", "list", "patch", "update", "watch"]
      resources.append(
        .of([
          "name": .string(resource.rawValue), "singularName": .string(resource.kind.lowercased()),
          "namespaced": .bool(resource != .namespaces), "kind": .string(resource.kind),
          "verbs": .array(verbs.map { .string($0) }), "shortNames": .array(resource.shortNames.map { .string($0) }),
        ]))
    }
    func part(_ name: String, _ kind: String, group: String? = nil, version: String? = nil, _ verbs: [String]) -> JSON {
      var part = JSON.of([
        "name": .string(name), "singularName": .string(""), "namespaced": .bool(true), "kind": .string(kind),
        "verbs": .array(verbs.map { .string($0) }),
      ])
      if let group { part = part.setting("group", to: .string(group)) }
      if let version { part = part.setting("version", to: .string(version)) }
      return part
    }
    if version == "v1" {
      resources.append(part("pods/exec", "PodExecOptions", ["create", "get"]))
      resources.append(part("pods/portforward", "PodPortForwardOptions", ["create", "get"]))
      resources.append(part("pods/log", "Pod", ["get"]))
    } else if version == "apps/v1" {
      for resource in ["deployments", "replicasets", "statefulsets"] {
        resources.append(
          part("\(resource)/scale", "Scale", group: "autoscaling", version: "v1", ["get", "patch", "update"]))
      }
    }
    return .of([
      "kind": .string("APIResourceList"), "apiVersion": .string("v1"), "groupVersion": .string(version),
      "resources": .array(resources),
    ])
  }

  /// What discovery says of groups and versions; nil for another path.
  static func discovery(at path: String) -> JSON? {
    switch path {
    case "/version":
      return .of([
        "major": .string("1"), "minor": .string("32"), "gitVersion": .string("v1.32.4"),
        "platform": .string("linux/amd64"),
      ])
    case "/api":
      return .of(["kind": .string("APIVersions"), "versions": .array([.string("v1")])])
    case "/apis":
      let versions = Set(allCases.map(\.version)).filter { $0.contains("/") }.sorted()
      let groups = versions.map { version in
        let preferred = JSON.of(["groupVersion": .string(version), "version": .string("v1")])
        return JSON.of([
          "name": .string(group(version)), "versions": .array([preferred]), "preferredVersion": preferred,
        ])
      }
      return .of([
        "kind": .string("APIGroupList"), "apiVersion": .string("v1"), "groups": .array(groups),
      ])
    case "/api/v1": return discovery(of: "v1")
    case let path where path.hasPrefix("/apis/"):
      let version = String(path.dropFirst("/apis/".count))
      return allCases.contains { $0.version == version } ? discovery(of: version) : nil
    default: return nil
    }
  }
}

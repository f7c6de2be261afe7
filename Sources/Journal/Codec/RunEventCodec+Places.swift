import CanonicalJSON
import RunEngine

extension RunEventCodec {
  static func encode(_ place: ResolvedPlace) -> JSON {
    switch place {
    case .ssh(let target): .members(("ssh", .string(target)))
    case .pod(let pod):
      .members(
        ("pod", .string(pod.target)), ("namespace", .text(pod.namespace)), ("container", .text(pod.container)),
        ("context", .text(pod.context)))
    }
  }

  static func decodePlace(_ json: JSON) throws(CodecError) -> ResolvedPlace {
    if let target = json["ssh"]?.string { return .ssh(target) }
    return .pod(
      ResolvedPlace.Pod(
        target: try json.requireString("pod"), namespace: json["namespace"]?.string,
        container: json["container"]?.string, context: json["context"]?.string))
  }
}

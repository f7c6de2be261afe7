import CanonicalJSON

extension Place {
  func encoded() -> JSON {
    var place = ObjectBuilder()
    switch self {
    case .ssh(let target): place.put("ssh", target.encoded())
    case .pod(let pod):
      place.put("pod", pod.target.encoded())
      place.put("namespace", pod.namespace?.encoded())
      place.put("container", pod.container?.encoded())
      place.put("context", pod.context?.encoded())
    }
    return place.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let place = try ObjectReader(json, "a place")
    if let target = place.optional("ssh") {
      self = .ssh(try Text(decoding: target))
      return
    }
    var pod = Pod(target: try Text(decoding: try place.value("pod")))
    pod.namespace = try Text.optional(place.optional("namespace"))
    pod.container = try Text.optional(place.optional("container"))
    pod.context = try Text.optional(place.optional("context"))
    self = .pod(pod)
  }
}

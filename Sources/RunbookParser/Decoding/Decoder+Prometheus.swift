import YAMLSyntax

extension Decoder {
  /// An instant query of Prometheus; what it does not say, `defaults` may.
  func prometheus(_ node: YAMLNode, in place: ExpressionPlace) -> PrometheusQuery? {
    guard let node = mapping(node, .prometheus), let asked = required("query", of: node, "a query"),
      let text = text(asked, in: place, "`query`")
    else { return nil }
    guard let address = node["server"] ?? defaultPrometheus?["server"] else {
      // The runbook that uses a library says which server.
      if isLibraryAlone { return PrometheusQuery(server: .literal(""), query: text) }
      report(
        .missingKey, "a query needs `server`", headSpan(node),
        notes: ["say it here, or for all queries under `defaults: {prometheus: {server: …}}`"])
      return nil
    }
    guard let server = self.text(address, in: place, "`server`") else { return nil }
    var query = PrometheusQuery(server: server, query: text)
    query.headers = variables(node["headers"] ?? defaultPrometheus?["headers"], in: place, "`headers`")
    query.ca = (node["ca"] ?? defaultPrometheus?["ca"]).flatMap { self.text($0, in: place, "`ca`") }
    return query
  }
}

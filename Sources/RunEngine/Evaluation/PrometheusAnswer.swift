import CanonicalJSON
import Expressions

/// What Prometheus answered to an instant query: its HTTP API, `/api/v1/query`.
struct PrometheusAnswer {
  private let samples: [(labels: [(Value, Value)], value: Double, at: Timestamp)]

  /// Throws where the answer is an error, or not what the API gives.
  init(_ answer: HTTPAnswer, _ body: String) throws(EvaluationError) {
    let json: JSON
    do {
      json = try JSON.parse(Array(body.utf8))
    } catch {
      throw EvaluationError("Prometheus answered with status \(answer.status), and not with JSON")
    }
    guard json["status"]?.string == "success" else {
      throw EvaluationError("Prometheus answered with status \(answer.status): \(json["error"]?.string ?? "no reason")")
    }
    guard let data = json["data"], let kind = data["resultType"]?.string, let result = data["result"] else {
      throw EvaluationError("Prometheus answered without a result")
    }
    var samples: [(labels: [(Value, Value)], value: Double, at: Timestamp)] = []
    switch kind {
    case "vector":
      for element in result.array ?? [] {
        let labels = (element["metric"]?.members ?? []).compactMap { member in
          member.value.string.map { (Value.string(member.key), Value.string($0)) }
        }
        samples.append(try Self.sample(element["value"], labels))
      }
    case "scalar": samples.append(try Self.sample(result, []))
    default: throw EvaluationError("the query gives a \(kind), and not one value for each series")
    }
    self.samples = samples
  }

  private static func sample(
    _ pair: JSON?, _ labels: [(Value, Value)]
  ) throws(EvaluationError) -> (labels: [(Value, Value)], value: Double, at: Timestamp) {
    guard let pair = pair?.array, pair.count == 2, let text = pair[1].string, let value = Self.number(text) else {
      throw EvaluationError("Prometheus gave a sample that is not a time and a value")
    }
    let milliseconds: Int64
    switch pair[0] {
    case .int(let seconds): milliseconds = seconds * 1000
    case .double(let seconds): milliseconds = Int64((seconds * 1000).rounded())
    default: milliseconds = 0
    }
    return (labels, value, Timestamp(milliseconds: milliseconds))
  }

  private static func number(_ text: String) -> Double? {
    switch text {
    case "+Inf": .infinity
    case "-Inf": -.infinity
    case "NaN": .nan
    default: Double(text)
    }
  }

  /// `value`, which needs exactly one sample that is a number, or `samples`.
  func field(_ name: String) throws(EvaluationError) -> Value {
    if name == "samples" {
      return .list(
        samples.map { sample in
          .map(
            ValueMap([
              (.string("labels"), .map(ValueMap(sample.labels))), (.string("value"), .double(sample.value)),
              (.string("at"), .timestamp(sample.at)),
            ]))
        })
    }
    guard samples.count == 1 else {
      throw EvaluationError(
        samples.isEmpty
          ? "no data: the query gave no sample" : "no data: the query gave \(samples.count) samples, not one")
    }
    guard !samples[0].value.isNaN else { throw EvaluationError("no data: the query gave NaN") }
    return .double(samples[0].value)
  }
}

import BelayTestSupport

/// What Prometheus knows of a platform that is well.
enum PlatformMetrics {
  private static let api = #"namespace="staging",service="api""#
  private static let canary = #"namespace="staging",service="api-canary""#
  private static let pod = #"namespace="staging",pod="api-1",container="app""#

  private static func requests(_ labels: String, by rate: Double) -> [PrometheusServer.Series] {
    let name = "http_server_request_duration_seconds"
    return [
      .rising(#"\#(name)_count{\#(labels),http_response_status_code="200"}"#, by: rate),
      .rising(#"\#(name)_bucket{\#(labels),le="0.1"}"#, by: rate * 0.98),
      .rising(#"\#(name)_bucket{\#(labels),le="0.5"}"#, by: rate),
      .rising(#"\#(name)_bucket{\#(labels),le="+Inf"}"#, by: rate),
    ]
  }

  static let good: [PrometheusServer.Series] =
    requests(api, by: 50) + requests(canary, by: 5) + [
      .rising("container_cpu_cfs_throttled_periods_total{\(pod)}", by: 0),
      .rising("container_cpu_cfs_periods_total{\(pod)}", by: 10),
      .rising("container_cpu_usage_seconds_total{\(pod)}", by: 0.25),
      .constant(#"kube_pod_container_resource_limits{\#(pod),resource="cpu"}"#, 0.5),
      .constant(#"db_client_connection_count{\#(api),pod="api-1",db_client_connection_state="used"}"#, 4),
      .constant(#"db_client_connection_max{\#(api),pod="api-1"}"#, 10),
      .constant(#"jetstream_consumer_num_pending{namespace="staging",consumer_name="leads"}"#, 12),
      .constant(#"kubelet_volume_stats_available_bytes{namespace="staging",persistentvolumeclaim="data"}"#, 6),
      .constant(#"kubelet_volume_stats_capacity_bytes{namespace="staging",persistentvolumeclaim="data"}"#, 10),
      .constant(#"node_filesystem_avail_bytes{instance="node-1",fstype="ext4",mountpoint="/"}"#, 50),
      .constant(#"node_filesystem_size_bytes{instance="node-1",fstype="ext4",mountpoint="/"}"#, 100),
      .rising(#"leads_processed_total{namespace="staging"}"#, by: 3),
      .rising("loki_distributor_lines_received_total", by: 100),
    ]

  /// The alerts that the inventory names, none of which fires.
  static let rules =
    "groups:\n- name: platform\n  rules:\n"
    + [
      "ApiDown", "HighErrorRate", "HighLatency", "DatabaseConnectionPool", "DiskSpace", "HighCpu", "PodRestartLoop",
    ].map { "  - {alert: \($0), expr: vector(0) > 1}\n" }.joined()
}

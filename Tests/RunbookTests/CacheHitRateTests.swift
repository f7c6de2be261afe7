import BelayTestSupport
import KubernetesStandIn
import Testing

/// What makes a cache find little is done to it on purpose, and found.
@Suite("Cache hit rate", .serialized, .enabled(if: TestPlatform.isExpected, "a server or kubectl is missing"))
struct CacheHitRateTests {
  private func diagnose(
    _ cache: RedisServer, _ inputs: KeyValuePairs<String, String> = ["sample": "1", "warm-up": "0s"]
  ) throws -> (came: TestPlatform.Finding, restsOn: String, shown: String) {
    let platform = try TestPlatform(cache: cache)
    let found = platform.diagnose("cache-hit-rate-low", inputs)
    #expect(platform.changes == [])
    return (found.came, found.restsOn, platform.shown)
  }

  @Test("A cache that finds what is looked up, and one that nobody asks") func well() throws {
    let cache = try RedisServer(password: "correct horse")
    let quiet = try diagnose(cache)
    #expect(quiet.came.finding == "not-asked")
    cache.command("set", "key", "value")
    let load = cache.load("get", "key")
    let found = try diagnose(cache)
    #expect(found.came == TestPlatform.Finding(finding: "nothing", mendedBy: ""))
    #expect(found.shown.contains("unprotected = false"))
    withExtendedLifetime(load) {}
  }

  @Test("Values are thrown away to make room for others") func memoryShort() throws {
    let cache = try RedisServer(maximumMemory: "2mb")
    let load = cache.overload()
    #expect(Waiting.until { !cache.command("info", "stats").contains("evicted_keys:0") })
    let found = try diagnose(cache, ["sample": "1"])
    #expect(found.came == TestPlatform.Finding(finding: "memory-short", mendedBy: "raise-cache-memory"))
    #expect(found.restsOn.contains("the limit is 2097152 (allkeys-lru)"))
    #expect(found.shown.contains("unprotected = true"))
    withExtendedLifetime(load) {}
  }

  @Test("The memory is full, and nothing more is taken") func memoryFull() throws {
    let cache = try RedisServer(maximumMemory: "2mb")
    cache.command("config", "set", "maxmemory-policy", "noeviction")
    let value = String(repeating: "x", count: 1000)
    cache.send((0..<4000).map { "set key-\($0) \(value)\n" }.joined())
    let load = cache.load("get", "another")
    let found = try diagnose(cache)
    #expect(found.came == TestPlatform.Finding(finding: "memory-full", mendedBy: "raise-cache-memory"))
    withExtendedLifetime(load) {}
  }

  @Test("A cache that has just started, and one in which nobody stores what is looked up") func coldAndNeverStored()
    throws
  {
    let cache = try RedisServer()
    let load = cache.load("get", "nothing")
    let cold = try diagnose(cache, ["sample": "1"])
    #expect(cold.came == TestPlatform.Finding(finding: "cold", mendedBy: ""))
    let found = try diagnose(cache)
    #expect(found.came == TestPlatform.Finding(finding: "never-stored", mendedBy: "change-management"))
    withExtendedLifetime(load) {}
  }

  @Test("Values expire before they are looked up again") func expiring() throws {
    let cache = try RedisServer()
    let load = cache.load(
      "eval", "redis.call('get', 'session') return redis.call('set', 'session', 'x', 'px', 1)", "0")
    let found = try diagnose(cache)
    #expect(found.came == TestPlatform.Finding(finding: "expiring", mendedBy: "change-management"))
    withExtendedLifetime(load) {}
  }

  @Test("A cache that does not answer is no finding") func silent() throws {
    let platform = try TestPlatform()
    let result = platform.run("troubleshooting/cache-hit-rate-low.yaml", ["sample": "1"])
    #expect(result.status == 5)
    #expect((result.output + result.errors).contains("Connection refused"))
  }
}

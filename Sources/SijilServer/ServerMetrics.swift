import SijilSync
import Synchronization

/// Counts what the server did since it began, for `GET /metrics`.
final class ServerMetrics: Sendable {
    private struct Key: Hashable, Comparable {
        var route: String
        var status: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.route, left.status) < (right.route, right.status)
        }
    }

    private struct Counts {
        var requests: [Key: Int] = [:]
        var running = 0
        var syncBytesReceived = 0
        var syncBytesSent = 0
    }

    private let counts = Mutex(Counts())

    func begin() { counts.withLock { $0.running += 1 } }

    func end(_ entry: RequestEntry) {
        counts.withLock { counts in
            counts.running -= 1
            counts.requests[Key(route: entry.route, status: entry.status), default: 0] += 1
            guard entry.route == Exchange.syncPath else { return }
            counts.syncBytesReceived += entry.bytesReceived
            counts.syncBytesSent += entry.bytesSent
        }
    }

    /// The text format of Prometheus, version 0.0.4.
    ///
    /// How many changes all the logs hold is the store's to know; all else is counted in this process.
    func text(loggedChanges: UInt64) -> String {
        let counts = counts.withLock { $0 }
        var text = """
            # HELP sijil_http_requests_total Requests answered.
            # TYPE sijil_http_requests_total counter

            """
        for (key, count) in counts.requests.sorted(by: { $0.key < $1.key }) {
            text +=
                "sijil_http_requests_total{route=\"\(key.route)\",status=\"\(key.status)\"} "
                + "\(count)\n"
        }
        text += """
            # HELP sijil_http_requests_running Requests being answered.
            # TYPE sijil_http_requests_running gauge
            sijil_http_requests_running \(counts.running)
            # HELP sijil_sync_received_bytes_total Bodies of sync requests, as they crossed the wire.
            # TYPE sijil_sync_received_bytes_total counter
            sijil_sync_received_bytes_total \(counts.syncBytesReceived)
            # HELP sijil_sync_sent_bytes_total Bodies of answers to them, as they crossed the wire.
            # TYPE sijil_sync_sent_bytes_total counter
            sijil_sync_sent_bytes_total \(counts.syncBytesSent)
            # HELP sijil_logged_changes_total Changes in all logs.
            # TYPE sijil_logged_changes_total counter
            sijil_logged_changes_total \(loggedChanges)

            """
        return text
    }
}

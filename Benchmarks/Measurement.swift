import Foundation

/// What one invocation measured: one JSON object on one line.
struct Measurement: Encodable {
    enum Measure: Encodable {
        case number(Double), text(String), truth(Bool)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            case .truth(let truth): try container.encode(truth)
            }
        }
    }

    private var measures: [String: Measure]

    init(_ value: Double, _ others: [String: Measure] = [:]) {
        measures = others
        measures["value"] = .number(value)
    }

    func encode(to encoder: any Encoder) throws { try measures.encode(to: encoder) }

    func print() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        Swift.print(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
}

/// What is timed, and what Scripts/benchmark-instructions counts the instructions of.
///
/// A class, so that the optimiser makes no copies of ``run()`` under other names.
final class MeasuredPart {
    private let body: () throws -> Void

    init(_ body: @escaping () throws -> Void) { self.body = body }

    @_optimize(none)
    @inline(never)
    func run() throws { try body() }

    /// - Returns: seconds.
    static func time(_ body: @escaping () throws -> Void) throws -> Double {
        let part = MeasuredPart(body)
        let started = ContinuousClock.now
        try part.run()
        return (ContinuousClock.now - started) / .seconds(1)
    }
}

extension [Double] {
    /// The value below which so many of a hundred lie.
    func percentile(_ percent: Int) -> Double { sorted()[count * percent / 100] }
}

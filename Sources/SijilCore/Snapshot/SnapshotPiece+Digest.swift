extension SnapshotPiece {
    /// What the piece adds to the state's digest.
    ///
    /// - Parameter authors: as the manifest names them.
    package func digest(authors: [ReplicaID]) -> StateDigest {
        var digest = StateDigest()
        let hash = SipHash(key0: 0, key1: 0)
        var message = ByteWriter(reservingCapacity: 512)
        let writers = dots.map { dot in
            var writer = ByteWriter()
            writer.identifier(authors[dot.author])
            writer.varint(dot.sequence)
            return writer.bytes
        }
        for group in groups {
            for column in group.columns {
                var name = ByteWriter()
                name.text(group.type)
                name.text(column.name.field)
                column.name.key.write(to: &name)
                for (cell, record) in column.cells.enumerated() {
                    for value in column.values(of: cell) {
                        message.removeAll()
                        message.identifier(group.ids[record])
                        message.raw(name.bytes)
                        let dot = column.dots[value]
                        message.raw(writers[dot < 0 ? group.bases[record] : dot])
                        write(value, of: column, to: &message)
                        digest.add(hash.hash(message.bytes))
                    }
                }
            }
        }
        return digest
    }

    /// Writes a value as it stands in a change: its tag, then its payload.
    private func write(_ value: Int, of column: Column, to writer: inout ByteWriter) {
        let tag = column.tags[value]
        writer.byte(tag)
        switch tag {
        case ValueTag.none, ValueTag.no, ValueTag.yes: break
        case ValueTag.integer: writer.signed(column.payloads[value])
        case ValueTag.real: writer.fixed(UInt64(bitPattern: column.payloads[value]))
        case ValueTag.date:
            writer.varint(Int(column.payloads[value] >> 16))
            writer.byte(UInt8(truncatingIfNeeded: column.payloads[value] >> 8))
            writer.byte(UInt8(truncatingIfNeeded: column.payloads[value]))
        case ValueTag.reference:
            let (head, tail) = (Int(column.payloads[value]), column.counts[value])
            writer.raw(bytes[head..<head + 6])
            writer.raw(bytes[tail..<tail + 10])
        default:
            let start = Int(column.payloads[value])
            writer.counted(bytes[start..<start + column.counts[value]])
        }
    }
}

"""What every process shares: settings, ids, errors, blob names, blob stores, the record, Ray bring-up."""

// The single examinations, by what they look at. Each answers in the order in which it is shown.
#pragma once

#include <string_view>
#include <vector>

#include "agent/doctor/doctor.h"
#include "base/result.h"
#include "cgroups/hierarchy.h"

namespace berth::doctor {

/// Version, system calls, namespaces, overlayfs, seccomp.
std::vector<Finding> KernelFindings();
/// Of a release as uname(2) gives it, such as "6.1.0-13-amd64".
Finding KernelVersion(std::string_view release);

/// The hierarchy, the limits that it can't enforce, and starting processes in a cgroup.
std::vector<Finding> CgroupFindings();
Finding HierarchyFinding(const cgroups::Hierarchy& hierarchy);
Finding LimitsFinding(const cgroups::Hierarchy& hierarchy);

/// nftables, kinds of interfaces, forwarding.
std::vector<Finding> NetworkFindings();

/// Being root, and what this root is not allowed.
std::vector<Finding> PrivilegeFindings();
/// Of a capability set as in /proc/PID/status (bit N is capability N).
Finding CapabilitiesFinding(uint64_t effective);

/// systemd, the resolver, and the place for images and tasks.
std::vector<Finding> HostFindings(const Options& options);
/// Of the path of unbound(8), which need not be there.
Finding ResolverFinding(const std::string& program);

}  // namespace berth::doctor
